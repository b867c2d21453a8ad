package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stack that is stopped in the middle of work and started again knows everything it knew. */
class RestartIT {

  private static final int BEFORE = 40;
  private static final int AFTER = 10;

  @Test
  void shouldKeepEverythingOverAStop(@TempDir Path data) throws Exception {
    Set<String> sent = new HashSet<>();
    int control;
    int candidate;
    long probes;
    try (Loop first = Loop.start(data, b -> b)) {
      control = first.modelPort("url");
      candidate = first.modelPort("candidateUrl");
      first.apply(Loop.rollout(first, "50%"));
      probes = first.probes();
      send(first, sent, "before-", BEFORE);
    }

    try (Loop second = Loop.start(data, control, candidate, b -> b)) {
      Loop.until(
          "the rollout is known again",
          () -> second.rollout().path("state").asText().equalsIgnoreCase("RUNNING"));
      send(second, sent, "after-", AFTER);

      Map<String, Integer> times =
          Counts.settled(second.stack().kafka(), Loop.ROLLOUT, probes + BEFORE + AFTER);
      assertThat(times).containsOnlyKeys(union(sent, times));
      assertThat(times.values()).containsOnly(1);
      assertThat(times.keySet()).containsAll(sent);
      Serin.Run replay =
          Serin.run(
              60,
              "replay-verdicts",
              Loop.ROLLOUT,
              "--kafka",
              second.stack().kafka().bootstrap(),
              "--registry",
              second.stack().kafka().registryUrl());
      assertThat(replay.exit()).as(replay.output()).isZero();
      assertThat(replay.output())
          .as("over the restart")
          .contains("(#1 to ")
          .contains("all equal to what was recorded, bit for bit");
    }
  }

  private static void send(Loop loop, Set<String> sent, String prefix, int requests)
      throws Exception {
    for (int i = 0; i < requests; i++) {
      String id = prefix + i;
      assertThat(loop.chat("Name a primary colour.", "user-" + i % 7, id).statusCode())
          .isEqualTo(200);
      sent.add(id);
    }
  }

  private static Set<String> union(Set<String> sent, Map<String, Integer> times) {
    Set<String> all = new HashSet<>(sent);
    times.keySet().stream().filter(id -> id.startsWith("probe-")).forEach(all::add);
    return all;
  }
}
