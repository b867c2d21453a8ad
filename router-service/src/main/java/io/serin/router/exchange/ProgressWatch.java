package io.serin.router.exchange;

import io.serin.rollout.value.WaitingMarks;
import io.serin.router.attempt.DeadlineWatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Notices that a request's first attempt is still running at {@link WaitingMarks}, by the same look
 * every ten milliseconds that finds missed deadlines: a fast attempt costs no timer. Confined to
 * its event loop.
 */
final class ProgressWatch extends DeadlineWatch.Watched {

  private final DeadlineWatch loop;
  private final long startedNanos;
  private final LongConsumer passed;
  private long mark = WaitingMarks.FIRST;

  /**
   * @param startedNanos when the request was read, on the monotonic clock
   * @param passed takes each mark once, in milliseconds
   */
  ProgressWatch(DeadlineWatch loop, long startedNanos, LongConsumer passed) {
    this.loop = loop;
    this.startedNanos = startedNanos;
    this.passed = passed;
  }

  void start() {
    loop.add(this);
  }

  /** A second time has no effect. */
  void stop() {
    loop.remove(this);
  }

  @Override
  protected void check(long nowNanos) {
    if (nowNanos - startedNanos >= TimeUnit.MILLISECONDS.toNanos(mark)) {
      long now = mark;
      mark = WaitingMarks.after(mark);
      passed.accept(now);
    }
  }
}
