package io.serin.worker;

import io.serin.worker.call.UnreachableException;
import io.serin.worker.budget.Backoff;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variants of one rollout that nobody answers for. While one is away its replays wait, and only
 * one of them tries it. Thread-safe.
 */
final class UnavailableVariants {

  /** Tries a variant once. */
  @FunctionalInterface
  interface Probe {
    void once() throws UnreachableException, InterruptedException;
  }

  private final Backoff backoff;
  private final WorkerMetrics metrics;
  private final Map<String, String> causes = new HashMap<>();
  private final Set<String> tried = new HashSet<>();

  UnavailableVariants(Backoff backoff, WorkerMetrics metrics) {
    this.backoff = backoff;
    this.metrics = metrics;
  }

  /** Nobody answered for the variant; true where that is news. */
  synchronized boolean lost(String variant, String cause) {
    metrics.unreachable(variant);
    return causes.put(variant, cause) == null;
  }

  /** The variant answered, well or not. */
  synchronized void found(String variant) {
    if (causes.remove(variant) != null) {
      notifyAll();
    }
    metrics.reached(variant);
  }

  /** Who is away, and why, for a person; null where nobody is. */
  synchronized @Nullable String cause() {
    return causes.isEmpty()
        ? null
        : String.join(
            "; ",
            causes.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .sorted()
                .toList());
  }

  /**
   * Waits a moment, or until the variant is back: the caller looks at its plan between two calls.
   */
  void pause(String variant, int failures, Probe probe) throws InterruptedException {
    Duration wait = backoff.after(failures);
    boolean mine;
    synchronized (this) {
      if (!causes.containsKey(variant)) {
        return;
      }
      mine = tried.add(variant);
      if (!mine) {
        long end = System.nanoTime() + wait.toNanos();
        for (long left = wait.toMillis();
            left > 0 && causes.containsKey(variant);
            left = (end - System.nanoTime()) / 1_000_000) {
          wait(left);
        }
        return;
      }
    }
    try {
      Thread.sleep(wait);
      probe.once();
      found(variant);
    } catch (UnreachableException e) {
      boolean unused = lost(variant, String.valueOf(e.getMessage()));
    } finally {
      synchronized (this) {
        tried.remove(variant);
      }
    }
  }

  synchronized boolean is(String variant) {
    return causes.containsKey(variant);
  }
}
