package io.serin.router.exchange;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The attempts under way of one event loop, looked at every ten milliseconds: a deadline that moves
 * with each piece of an answer costs nothing, where a timer of its own would be set and taken back
 * for each request. Confined to the loop.
 */
final class DeadlineWatch {

  private static final long EVERY_MILLIS = 10;
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final List<Attempt> watched = new ArrayList<>();
  private long timer = NO_TIMER;

  DeadlineWatch(Vertx vertx, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.nanoTime = nanoTime;
  }

  /** Tells the attempt once its deadline is over, until it is removed. */
  void add(Attempt attempt) {
    attempt.watchedAt(watched.size());
    watched.add(attempt);
    if (timer == NO_TIMER) {
      timer = vertx.setPeriodic(EVERY_MILLIS, tick -> look());
    }
  }

  void remove(Attempt attempt) {
    int place = attempt.watchedAt();
    if (place < 0) {
      return;
    }
    attempt.watchedAt(-1);
    Attempt last = watched.removeLast();
    if (last != attempt) {
      watched.set(place, last);
      last.watchedAt(place);
    }
  }

  /** From the end, since an attempt that is over leaves its place to the last. */
  private void look() {
    if (watched.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
      return;
    }
    long now = nanoTime.getAsLong();
    for (int i = watched.size() - 1; i >= 0; i--) {
      if (i < watched.size()) {
        watched.get(i).look(now);
      }
    }
  }
}
