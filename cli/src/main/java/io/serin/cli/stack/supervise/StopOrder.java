package io.serin.cli.stack.supervise;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The order in which a stack's processes end: routers first, which stop taking requests and publish
 * what they hold; then those who read; the broker last.
 */
public final class StopOrder {

  private StopOrder() {}

  /**
   * @param bound of each process, after which it is killed
   */
  public static void stop(List<SupervisedProcess> processes, Duration bound)
      throws InterruptedException {
    List<SupervisedProcess> left = new ArrayList<>(processes);
    for (List<SupervisedProcess> wave : waves(left)) {
      CountDownLatch ended = new CountDownLatch(wave.size());
      for (SupervisedProcess process : wave) {
        Thread.ofPlatform()
            .name("stop-" + process.name())
            .start(
                () -> {
                  try {
                    process.close(bound);
                  } catch (InterruptedException e) {
                    process.kill();
                  } finally {
                    ended.countDown();
                  }
                });
      }
      ended.await();
    }
  }

  /** Routers together; worker and analytics together, with all companions; registry; broker. */
  private static List<List<SupervisedProcess>> waves(List<SupervisedProcess> processes) {
    List<List<SupervisedProcess>> waves =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (SupervisedProcess process : processes) {
      waves.get(wave(process.name())).add(process);
    }
    return waves;
  }

  private static int wave(String name) {
    if (name.equals("router") || name.startsWith("router-")) {
      return 0;
    }
    return switch (name) {
      case "registry" -> 2;
      case "broker" -> 3;
      default -> 1;
    };
  }
}
