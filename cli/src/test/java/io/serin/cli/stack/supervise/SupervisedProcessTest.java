package io.serin.cli.stack.supervise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.cli.stack.ReadyLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
class SupervisedProcessTest {

  private static final String READY =
      "echo 'serin-ready {\"service\":\"x\",\"url\":\"http://127.0.0.1:77\"}'; ";
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final BlockingQueue<StackEvent> events = new LinkedBlockingQueue<>();
  private SupervisedProcess process;

  @AfterEach
  void end() throws InterruptedException {
    if (process != null) {
      process.close(BOUND);
    }
  }

  private SupervisedProcess running(String script) throws Exception {
    // What the process said of itself when it first answered is handed to its next life as $1.
    process =
        new SupervisedProcess(
            new ProcessPlan(
                "x",
                said -> List.of("/bin/sh", "-c", script, "sh", said.getOrDefault("url", "none")),
                Map.of(),
                folder.resolve("x.log"),
                ReadyLine::serin),
            events::add);
    process.start();
    return process;
  }

  private <T extends StackEvent> T next(Class<T> type) throws InterruptedException {
    while (true) {
      StackEvent event = events.poll(60, TimeUnit.SECONDS);
      assertThat(event).as("an event of type %s", type).isNotNull();
      if (type.isInstance(event)) {
        return type.cast(event);
      }
    }
  }

  @Test
  void shouldTellWhatTheProcessSaysOfItself() throws Exception {
    running(READY + "exec sleep 600");

    assertThat(process.firstReady().get(60, TimeUnit.SECONDS))
        .containsEntry("url", "http://127.0.0.1:77");
    assertThat(process.snapshot().pid()).isPositive();
  }

  @Test
  void shouldStartAgainWithTheSamePortsWhenKilled() throws Exception {
    running("echo \"port $1\"; " + READY + "exec sleep 600");
    process.firstReady().get(60, TimeUnit.SECONDS);
    long before = process.snapshot().pid();

    process.kill();

    assertThat(process.awaitAnswering(BOUND)).as("its next life").isTrue();
    assertThat(next(StackEvent.Died.class).exit()).isEqualTo(137);
    assertThat(next(StackEvent.Back.class).exit()).isEqualTo(137);
    assertThat(process.snapshot().pid()).isPositive().isNotEqualTo(before);
    assertThat(process.snapshot().restarts()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("x.log")))
        .contains("port none")
        .contains("port http://127.0.0.1:77");
  }

  @Test
  void shouldSayWhyWhenItDiesBeforeItAnswers() throws Exception {
    running("echo 'no such topic'; exit 3");

    assertThatThrownBy(() -> process.firstReady().get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(StackException.class)
        .hasMessageContaining("x ended before it answered (exit 3)")
        .hasMessageContaining("no such topic");
  }

  @Test
  void shouldStayDownWhileHeld() throws Exception {
    running(READY + "exec sleep 600");
    process.firstReady().get(60, TimeUnit.SECONDS);

    process.hold(false, Duration.ZERO);

    assertThat(process.awaitAnswering(Duration.ofMillis(300))).isFalse();
    assertThat(process.snapshot().pid()).isEqualTo(-1);
    process.release();
    assertThat(process.awaitAnswering(BOUND)).isTrue();
  }

  @Test
  void shouldInsistWhenItDoesNotEnd() throws Exception {
    running("trap '' TERM; " + READY + "while :; do sleep 0.1; done");
    process.firstReady().get(60, TimeUnit.SECONDS);

    process.close(Duration.ofMillis(200));

    assertThat(next(StackEvent.Stopped.class).exit()).isEqualTo(137);
  }
}
