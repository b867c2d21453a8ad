package io.serin.router.attempt;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The calls in progress of one event loop, checked every ten milliseconds. A deadline that moves
 * with each piece of an answer costs nothing this way; a timer for each request would be set and
 * cancelled each time. Confined to the loop.
 */
public final class DeadlineWatch {

  private static final long EVERY_MILLIS = 10;
  private static final long NO_TIMER = -1;

  /** A call with a deadline. */
  public abstract static class Watched {

    /** Its index among those that are watched; −1 if it is not. */
    private int index = -1;

    /** Ends the call if its deadline has passed. */
    protected abstract void check(long nowNanos);
  }

  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final List<Watched> watched = new ArrayList<>();
  private long timer = NO_TIMER;

  /** Watches the calls of the event loop on which this is called. */
  public DeadlineWatch(Vertx vertx, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.nanoTime = nanoTime;
  }

  /** Checks the call from now on, until it is removed. */
  public void add(Watched call) {
    call.index = watched.size();
    watched.add(call);
    if (timer == NO_TIMER) {
      timer = vertx.setPeriodic(EVERY_MILLIS, tick -> checkAll());
    }
  }

  /** Checks the call no longer. */
  public void remove(Watched call) {
    int index = call.index;
    if (index < 0) {
      return;
    }
    call.index = -1;
    Watched last = watched.removeLast();
    if (last != call) {
      watched.set(index, last);
      last.index = index;
    }
  }

  /** From the end, since a call that is over leaves its index to the last. */
  private void checkAll() {
    if (watched.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
      return;
    }
    long now = nanoTime.getAsLong();
    for (int i = watched.size() - 1; i >= 0; i--) {
      if (i < watched.size()) {
        watched.get(i).check(now);
      }
    }
  }
}
