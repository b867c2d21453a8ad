package io.serin.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
class TetherTest {

  @TempDir Path folder;

  /** What the tether runs here. */
  static final class Sleeper {
    private Sleeper() {}

    public static void main(String[] args) throws InterruptedException {
      System.out.println("runs " + String.join(" ", args));
      Thread.sleep(600_000);
    }
  }

  @Test
  void shouldEndWithItsParentAndHoldTheLockUntilThen() throws Exception {
    Path lock = folder.resolve("children.lock");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-D" + Tether.LOCK + "=" + lock,
                "-cp",
                System.getProperty("java.class.path"),
                Tether.class.getName(),
                Sleeper.class.getName(),
                "a",
                "b")
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(child.inputReader().readLine()).isEqualTo("runs a b");
      assertThat(exclusively(lock)).isFalse();

      child.getOutputStream().close(); // as the parent's death does

      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(exclusively(lock)).isTrue();
    } finally {
      child.destroyForcibly();
    }
  }

  private static boolean exclusively(Path file) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    }
  }
}
