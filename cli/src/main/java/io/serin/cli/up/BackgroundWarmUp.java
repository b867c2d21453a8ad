package io.serin.cli.up;

import io.serin.cli.stack.Tether;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Makes start-up caches beside a running stack, with what the processors have left. Ends with this
 * JVM. If it cannot, the next start is no quicker, and nothing else is wrong.
 */
final class BackgroundWarmUp {

  /** The entry point, by name: it depends on this package. */
  private static final String MAIN = "io.serin.cli.Main";

  /** Who starts Serin to look at it for a moment is not disturbed. */
  private static final Duration LATER = Duration.ofMinutes(1);

  private BackgroundWarmUp() {}

  /** Begins once the stack has run for a minute; SERIN_WARM_UP=no keeps it from doing so. */
  static void beginLater(Path data) {
    if ("no".equals(System.getenv("SERIN_WARM_UP"))) {
      return;
    }
    Thread.ofPlatform()
        .daemon()
        .name("warm-up")
        .start(
            () -> {
              try {
                Thread.sleep(LATER);
                begin(data);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static void begin(Path data) {
    List<String> command =
        List.of(
            "nice",
            "-n",
            "19",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Tether.class.getName(),
            MAIN,
            "warm-up");
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(data.resolve("logs").resolve("warm-up.log").toFile())
          .start();
    } catch (IOException e) {
      // As if it had not been tried.
    }
  }
}
