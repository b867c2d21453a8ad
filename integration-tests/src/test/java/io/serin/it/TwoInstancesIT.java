package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.analytics.AnalyticsService;
import io.serin.analytics.api.ControlServer;
import io.serin.analytics.api.Tokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of analytics on one Kafka: one controller, whichever is asked. */
class TwoInstancesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROLLOUTS = 6;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void shouldHaveOneControllerAndKeepWhatWasAskedOfAnother(@TempDir Path data) throws Exception {
    try (ShadowBroker broker = ShadowBroker.start(data)) {
      AnalyticsService first = analytics(broker, "analytics-1", data);
      try (AnalyticsService second = analytics(broker, "analytics-2", data)) {
        for (int i = 0; i < ROLLOUTS; i++) {
          AnalyticsService asked = i % 2 == 0 ? first : second;
          assertThat(apply(asked, "r" + i, "build-" + i).path("outcome").asText())
              .isIn("done", "pending");
        }
        for (int i = 0; i < ROLLOUTS; i++) {
          running(second, "r" + i);
          running(first, "r" + i);
        }

        // The same key at the other instance begins no second run.
        JsonNode again = apply(second, "r0", "build-0");
        assertThat(again.path("repeated").asBoolean()).isTrue();
        assertThat(again.path("run").asText())
            .isEqualTo(get(first, "/v1/rollouts/r0").path("run").asText());

        // A freeze at one instance holds at the other.
        post(first, "/v1/freeze", "");
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> get(second, "/v1/rollouts").hasNonNull("frozen"));
        assertThat(apply(second, "late", "build-late").path("frozen").asBoolean()).isTrue();
        state(second, "late", "PAUSED");
        assertThat(get(second, "/v1/rollouts/late").at("/split/control").asDouble()).isEqualTo(1);

        first.close();

        post(second, "/v1/unfreeze", "");
        state(second, "late", "RUNNING");
        for (int i = 0; i < ROLLOUTS; i++) {
          state(second, "r" + i, "RUNNING");
          post(second, "/v1/rollouts/r" + i + "/actions", "{\"kind\":\"rollback\"}");
          state(second, "r" + i, "ROLLED_BACK");
          assertThat(kinds(second, "r" + i)).as("r" + i).doesNotContain("CONFLICT");
        }
      } finally {
        first.close();
        http.close();
      }
    }
  }

  private static AnalyticsService analytics(ShadowBroker broker, String name, Path data)
      throws IOException, InterruptedException {
    AnalyticsService service =
        new AnalyticsService(
            broker.kafka(),
            new AnalyticsService.Settings(
                name,
                "127.0.0.1",
                0,
                new ControlServer.Access(Tokens.none(), Set.of()),
                data.resolve(name)));
    service.start();
    assertThat(service.awaitReady()).as(name + " is ready").isTrue();
    return service;
  }

  private void running(AnalyticsService at, String rollout) {
    state(at, rollout, "RUNNING");
  }

  private void state(AnalyticsService at, String rollout, String state) {
    Awaitility.await(rollout + " is " + state)
        .atMost(Duration.ofSeconds(90))
        .until(() -> get(at, "/v1/rollouts/" + rollout).path("state").asText().equals(state));
  }

  private List<String> kinds(AnalyticsService at, String rollout) throws Exception {
    JsonNode events = get(at, "/v1/rollouts/" + rollout).path("events");
    List<String> kinds = new ArrayList<>();
    IntStream.range(0, events.size()).forEach(i -> kinds.add(events.get(i).path("kind").asText()));
    return kinds;
  }

  private JsonNode apply(AnalyticsService at, String rollout, String key) throws Exception {
    return send(
        request(at, "/v1/rollouts")
            .header("idempotency-key", key)
            .POST(
                BodyPublishers.ofString(
                    """
                    rollout: %s
                    variants:
                      control:   {url: http://localhost:1/v1}
                      candidate: {url: http://localhost:2/v1}
                    stages: [{weight: 5%%, for: 1h}]
                    """
                        .formatted(rollout))));
  }

  private JsonNode post(AnalyticsService at, String path, String body) throws Exception {
    return send(request(at, path).POST(BodyPublishers.ofString(body)));
  }

  private JsonNode get(AnalyticsService at, String path) throws Exception {
    return send(request(at, path).GET());
  }

  private static HttpRequest.Builder request(AnalyticsService at, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.port() + path))
        .header("x-serin-who", "ann");
  }

  private JsonNode send(HttpRequest.Builder request) throws Exception {
    return JSON.readTree(http.send(request.build(), BodyHandlers.ofString()).body());
  }
}
