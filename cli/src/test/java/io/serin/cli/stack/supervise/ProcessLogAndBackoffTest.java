package io.serin.cli.stack.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
class ProcessLogAndBackoffTest {

  @TempDir Path temp;

  @Test
  void shouldWaitLongerWhileAProcessDiesYoung() {
    RestartDelay backoff = new RestartDelay();

    assertThat(backoff.after(Duration.ZERO)).isEqualTo(Duration.ofMillis(100));
    assertThat(backoff.after(Duration.ofSeconds(1))).isEqualTo(Duration.ofMillis(200));
    for (int i = 0; i < 20; i++) {
      assertThat(backoff.after(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofSeconds(10));
    }
    assertThat(backoff.after(Duration.ofMinutes(1))).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void shouldKeepALogWithinItsBound() throws Exception {
    Path file = temp.resolve("x.log");
    String line = "x".repeat(1 << 20);
    try (ProcessLog log = new ProcessLog(file)) {
      for (int i = 0; i < 40; i++) {
        log.write(line);
      }
      assertThat(log.lastLines()).hasSize(15);
    }

    assertThat(Files.size(file)).isLessThanOrEqualTo(ProcessLog.LIMIT + 2L * line.length());
    assertThat(Files.size(temp.resolve("x.log.1")))
        .isLessThanOrEqualTo(ProcessLog.LIMIT + 2L * line.length());
  }
}
