package io.serin.report;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Prints the progress of a long calculation every two seconds. Thread-safe. */
public final class Ticker implements AutoCloseable {
  private static final long EVERY_SECONDS = 2;

  private final AtomicLong done = new AtomicLong();
  private final AtomicLong all = new AtomicLong();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private Ticker() {}

  /** Starts; the first line is printed after two seconds. */
  public static Ticker start(PrintWriter to, String what) {
    Ticker ticker = new Ticker();
    long began = System.nanoTime();
    ScheduledFuture<?> unused =
        ticker.timer.scheduleAtFixedRate(
            () -> ticker.print(to, what, began), EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
    return ticker;
  }

  /** Sets how much is done; it never decreases. */
  public void at(long nowDone, long ofAll) {
    all.set(ofAll);
    done.accumulateAndGet(nowDone, Math::max);
  }

  private void print(PrintWriter to, String what, long began) {
    long of = all.get();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
    to.println(
        of == 0
            ? String.format(Locale.ROOT, "%s: %d s", what, seconds)
            : String.format(Locale.ROOT, "%s: %,d of %,d, %d s", what, done.get(), of, seconds));
    to.flush();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
