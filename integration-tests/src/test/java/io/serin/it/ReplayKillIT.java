package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.WorkerStatus;
import io.serin.schemas.topics.Topics;
import io.serin.worker.Backfill;
import io.serin.worker.WorkerCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker that is killed (kill -9) at random moments while it replays: every sampled request has
 * exactly one result, and the sums that the budget is held against are those of the results. {@code
 * -Dserin.kills=50 -Dserin.replays=5000} is the long form.
 */
class ReplayKillIT {
  private static final int KILLS = Integer.getInteger("serin.kills", 8);
  private static final int REPLAYS = Integer.getInteger("serin.replays", 800);

  private final Random random = new Random(20_261_124);
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void shouldGiveEverySampledRequestExactlyOneResult(@TempDir Path data) throws Exception {
    HttpServer model = model();
    List<Integer> replayedByLife = new ArrayList<>();
    try (ShadowBroker broker = ShadowBroker.start(data.resolve("serin"))) {
      broker.order("assistant", "http://127.0.0.1:" + model.getAddress().getPort() + "/v1", 8);
      Instant from = Instant.now().minusSeconds(1);
      broker.capture(REPLAYS, "assistant");

      for (int kill = 0; kill < KILLS; kill++) {
        int before = calls.get();
        Process worker = worker(broker);
        // So far into its work that each life does about its share of the replays.
        int share = REPLAYS / (KILLS + 1);
        int wanted = before + 1 + random.nextInt(2 * share - 1);
        Loop.until(
            "the worker asks",
            () -> calls.get() >= Math.min(wanted, before + REPLAYS) || idle(before));
        worker.destroyForcibly().waitFor();
        replayedByLife.add(calls.get() - before);
      }
      Process last = worker(broker);
      Map<String, Integer> times = new HashMap<>();
      Records.<ShadowResult>until(
          broker.kafka(),
          Topics.SHADOW_RESULTS,
          Duration.ofMinutes(4),
          result -> {
            times.merge(result.getRequestId(), 1, Integer::sum);
            return times.size() >= REPLAYS;
          });
      last.destroy(); // publishes what is finished
      last.waitFor();

      List<ShadowResult> results = broker.all(Topics.SHADOW_RESULTS);
      List<WorkerStatus> statuses = broker.all(Topics.WORKERS);
      long callsTold = results.stream().mapToLong(ShadowResult::getCalls).sum();
      System.out.printf(
          "%d kills; calls by life %s; %d results of %d requests, %d twice; %d calls made, %d of them"
              + " again after a kill%n",
          KILLS,
          replayedByLife,
          results.size(),
          REPLAYS,
          results.size() - results.stream().map(ShadowResult::getRequestId).distinct().count(),
          calls.get(),
          calls.get() - callsTold);

      assertThat(results).hasSize(REPLAYS);
      assertThat(results.stream().map(ShadowResult::getRequestId).distinct()).hasSize(REPLAYS);
      assertThat(results).allSatisfy(result -> assertThat(result.getSkipped()).isNull());
      assertThat(statuses.getLast().getState()).isEqualTo("stopped");
      assertThat(statuses.getLast().getOutcomes()).isEqualTo(Map.of("OK", (long) REPLAYS));
      assertThat(statuses.getLast().getCalls()).isEqualTo(callsTold);
      assertThat(calls.get()).as("a kill wastes what was under way").isGreaterThan(REPLAYS);

      backfill(broker, from);
    } finally {
      model.stop(0);
    }
  }

  /** The same requests once more, a hundred of them, under a name that is begun twice. */
  private void backfill(ShadowBroker broker, Instant from) throws Exception {
    Backfill.Request request =
        new Backfill.Request("again", "assistant", from, Instant.now(), 100, null);
    int before = calls.get();
    try (Backfill backfill = new Backfill(broker.kafka(), request, 3)) {
      Backfill.Estimate estimate = backfill.estimate();
      assertThat(estimate.captured()).isEqualTo(REPLAYS);
      assertThat(estimate.requests()).isEqualTo(100);
      assertThat(estimate.calls()).isEqualTo(100);
      assertThat(estimate.promptTokens()).isGreaterThan(0);
      assertThat(calls.get()).as("an estimate asks nobody").isEqualTo(before);
      assertThat(backfill.run(progress -> {}).done()).isEqualTo(100);
    }
    try (Backfill backfill = new Backfill(broker.kafka(), request, 3)) {
      assertThat(backfill.begunBefore()).isTrue();
      assertThat(backfill.run(progress -> {}).done()).isEqualTo(100);
    }
    List<ShadowResult> again =
        broker.<ShadowResult>all(Topics.SHADOW_RESULTS).stream()
            .filter(result -> "again".equals(result.getBackfill()))
            .toList();
    assertThat(again).hasSize(100);
    assertThat(again.stream().map(ShadowResult::getRequestId).distinct()).hasSize(100);
    assertThat(calls.get() - before).isEqualTo(100);
  }

  /** All was replayed before the kill came. */
  private boolean idle(int before) {
    return before >= REPLAYS;
  }

  /** Answers after 5 to 60 ms, each answer another. */
  private HttpServer model() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            int call = calls.incrementAndGet();
            Thread.sleep(5L + (call * 31L) % 56);
            byte[] body =
                """
                {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"%d"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}
                """
                    .formatted(call)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    return server;
  }

  /** A worker as a process of its own, under the same name each time; returns when it is ready. */
  private static Process worker(ShadowBroker broker) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerCommand.class.getName(),
                "--name",
                "worker-1",
                "--port",
                "0",
                "--kafka",
                broker.kafka().bootstrap(),
                "--registry",
                broker.kafka().registryUrl())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null && !line.startsWith("serin-ready")) {
      line = out.readLine();
    }
    assertThat(line).as("the worker said that it is ready").isNotNull();
    Thread.ofVirtual().start(() -> out.lines().forEach(more -> {}));
    return process;
  }
}
