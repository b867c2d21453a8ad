package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.WorkerStatus;
import io.serin.schemas.topics.Topics;
import io.serin.worker.ShadowWorker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Candidates that hang, answer garbage, limit their rate or are away hold up nobody but themselves,
 * and what holds them up can be read. Their requests lie in the same partitions, in turn.
 */
class SlowCandidateIT {
  private static final int EACH = 150;

  @Test
  void shouldHoldUpNobodyElseAndSayWhatIsWrong(@TempDir Path data) throws Exception {
    HttpServer models = models();
    String url = "http://127.0.0.1:" + models.getAddress().getPort();
    try (ShadowBroker broker = ShadowBroker.start(data.resolve("serin"));
        ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody.close();
      broker.order("healthy", url + "/well/v1", 8);
      broker.order("hanging", url + "/hang/v1", 4);
      broker.order("garbage", url + "/garbage/v1", 4);
      broker.order("limited", url + "/limit/v1", 4);
      broker.order("away", "http://127.0.0.1:" + nobody.getLocalPort() + "/v1", 4);
      broker.capture(EACH, "hanging", "limited", "away", "garbage", "healthy");

      try (ShadowWorker worker =
          new ShadowWorker(
              broker.kafka(),
              new ShadowWorker.Settings("worker-1", "127.0.0.1", 0, 100, 2, null))) {
        worker.start();
        long from = System.nanoTime();
        Loop.until(
            "the healthy rollout's replays are done, and garbage is told as such",
            () -> {
              Map<String, WorkerStatus> now = now(worker);
              return count(now, "healthy", "OK") == EACH
                  && count(now, "garbage", "MALFORMED") == EACH;
            });
        Duration took = Duration.ofNanos(System.nanoTime() - from);
        Map<String, WorkerStatus> at = now(worker);
        System.out.println(
            "healthy: "
                + EACH
                + " replays beside four broken candidates in "
                + took.toMillis()
                + " ms");
        assertThat(took)
            .as("not after a timeout of the one that hangs")
            .isLessThan(Duration.ofSeconds(18));
        assertThat(of(at, "hanging").getPending()).isGreaterThan(50);
        assertThat(of(at, "healthy").getLag()).isZero();

        Loop.until("the causes are told", () -> causes(broker));
      }
      List<ShadowResult> results = broker.all(Topics.SHADOW_RESULTS);
      assertThat(results.stream().filter(it -> it.getRollout().equals("away"))).isEmpty();
      assertThat(
              results.stream()
                  .filter(it -> it.getRollout().equals("limited"))
                  .allMatch(it -> "rate-limited".equals(it.getSkipped())))
          .isTrue();
    } finally {
      models.stop(0);
    }
  }

  /** What anybody can read on serin.workers. */
  private static boolean causes(ShadowBroker broker) {
    Map<String, WorkerStatus> told =
        broker.<WorkerStatus>all(Topics.WORKERS).stream()
            .collect(Collectors.toMap(WorkerStatus::getRollout, Function.identity(), (a, b) -> b));
    return state(told, "hanging").equals("slow")
        && state(told, "limited").equals("rate-limited")
        && state(told, "away").equals("candidate-away")
        && String.valueOf(of(told, "away").getCause()).contains("ConnectException")
        && of(told, "away").getLag() >= EACH
        && state(told, "healthy").equals("idle")
        && of(told, "healthy").getCompletionTokens() == EACH;
  }

  private static String state(Map<String, WorkerStatus> told, String rollout) {
    WorkerStatus status = told.get(rollout);
    return status == null ? "" : status.getState();
  }

  private static Map<String, WorkerStatus> now(ShadowWorker worker) {
    return worker.statuses().stream()
        .collect(Collectors.toMap(WorkerStatus::getRollout, Function.identity()));
  }

  private static long count(Map<String, WorkerStatus> now, String rollout, String outcome) {
    WorkerStatus status = now.get(rollout);
    return status == null ? 0 : status.getOutcomes().getOrDefault(outcome, 0L);
  }

  private static WorkerStatus of(Map<String, WorkerStatus> told, String rollout) {
    return Objects.requireNonNull(told.get(rollout), rollout);
  }

  private static HttpServer models() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/well",
        exchange ->
            answer(
                exchange,
                200,
                """
                {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Paris"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}
                """));
    server.createContext("/garbage", exchange -> answer(exchange, 200, "<html>oops</html>"));
    server.createContext(
        "/limit",
        exchange -> {
          exchange.getResponseHeaders().set("retry-after", "1");
          answer(exchange, 429, "{}");
        });
    server.createContext(
        "/hang",
        exchange -> {
          try {
            Thread.sleep(60_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    return server;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
