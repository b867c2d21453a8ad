package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.router.exchange.DataPlane;
import io.serin.router.feedback.RequestIds;
import io.serin.router.front.RouterServer;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.RouterClock;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Routers behind one address, whose signing key is being replaced: what one wrote, another reads.
 */
class SharedKeysTest extends RouterTestBase {

  private static final byte[] OLD = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "fedcba9876543210".getBytes(StandardCharsets.UTF_8);

  @Test
  void shouldTakeFeedbackOnAnAnswerOfAnotherRouterWhileKeysAreReplaced() {
    split(10_000);
    String before = header(chat(false), "x-request-id");
    // First every router reads the new key, then every router writes it.
    try (RouterServer reads = another(List.of(OLD, NEW));
        RouterServer writes = another(List.of(NEW, OLD))) {
      String after = header(chatAt(writes), "x-request-id");

      assertThat(feedback(writes, before).statusCode()).isEqualTo(202);
      assertThat(feedback(reads, after).statusCode()).isEqualTo(202);

      List<RequestEvent> served = evidence.events(2);
      List<FeedbackEvent> told = evidence.feedback(2);
      for (int i = 0; i < 2; i++) {
        assertThat(told.get(i).getRequestId()).isEqualTo(served.get(i).getRequestId());
        assertThat(told.get(i).getUnit()).isEqualTo(served.get(i).getUnit());
        assertThat(told.get(i).getServedVariant()).isEqualTo("candidate");
      }
    }
  }

  @Test
  void shouldRefuseFeedbackSignedByAKeyThatIsInNoRing() {
    split(10_000);
    String id = header(chat(false), "x-request-id");

    try (RouterServer stranger = another(List.of(NEW))) {
      assertThat(feedback(stranger, id).statusCode()).isEqualTo(400);
    }
  }

  private RouterServer another(List<byte[]> ring) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    return RouterServer.start(
        new RouterServer.Listen("127.0.0.1", 0, "127.0.0.1", 0, 1, Duration.ofSeconds(5)),
        new DataPlane(
            "router-2",
            tables,
            evidence,
            new RequestIds(ring),
            capture,
            new RouterMetrics(registry),
            RouterClock.system(),
            settings(),
            access()),
        registry,
        Optional::empty);
  }

  private HttpResponse<String> chatAt(RouterServer other) {
    return postAt(other, CHAT, body(false));
  }

  private HttpResponse<String> feedback(RouterServer other, String id) {
    return postAt(
        other, "/v1/feedback", "{\"request_id\":\"" + id + "\",\"kind\":\"thumb\",\"value\":1}");
  }

  private HttpResponse<String> postAt(RouterServer other, String path, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(other.url() + path))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }
}
