package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the controller while a person waits for it: the command line waits on. */
class AnalyticsKillIT {

  @Test
  void shouldApplyAfterAKillAndWaitAcrossAnother(@TempDir Path data) throws Exception {
    try (Loop loop = Loop.start(data.resolve("stack"), builder -> builder)) {
      Path file = Files.writeString(data.resolve("rollout.yaml"), Loop.rollout(loop, "50%"));
      String api = loop.control("/").toString();

      loop.stack().kill("analytics");
      Serin.Run applied =
          Serin.run(120, "rollout", "apply", file.toString(), "--control", api, "--wait", "60s");

      assertThat(applied.exit()).as(applied.output()).isZero();
      assertThat(loop.rollout().path("state").asText()).isEqualTo("RUNNING");

      CompletableFuture<Serin.Run> waiting = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  waiting.complete(
                      Serin.run(
                          180,
                          "rollout",
                          "wait",
                          Loop.ROLLOUT,
                          "--for",
                          "aborted",
                          "--timeout",
                          "120s",
                          "--control",
                          api));
                } catch (Exception e) {
                  waiting.completeExceptionally(e);
                }
              });
      loop.stack().kill("analytics");
      Serin.Run aborted = abort(api);
      assertThat(aborted.exit()).as(aborted.output()).isZero();

      Serin.Run waited = waiting.get();
      assertThat(waited.exit()).as(waited.output()).isZero();
      assertThat(loop.rollout().path("state").asText()).isEqualTo("ABORTED");
    }
  }

  private static Serin.Run abort(String api) throws Exception {
    return Serin.runAll(
            120,
            List.of(List.of("rollout", "abort", Loop.ROLLOUT, "--control", api, "--wait", "60s")))
        .getFirst();
  }
}
