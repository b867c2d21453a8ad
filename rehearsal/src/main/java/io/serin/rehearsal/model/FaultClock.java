package io.serin.rehearsal.model;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * When the traffic began: what the times of faults are relative to. Shared by the servers of a
 * rehearsal. Thread-safe.
 */
public final class FaultClock {

  private final InstantSource time;
  private final boolean byFirstRequest;
  private final AtomicReference<@Nullable Instant> start = new AtomicReference<>();

  /**
   * Not started yet.
   *
   * @param byFirstRequest whether the first request starts it where nobody does
   */
  public FaultClock(InstantSource time, boolean byFirstRequest) {
    this.time = time;
    this.byFirstRequest = byFirstRequest;
  }

  /** The traffic begins now; a second call begins again. */
  public void start() {
    start.set(time.instant());
  }

  void request() {
    if (byFirstRequest) {
      start.compareAndSet(null, time.instant());
    }
  }

  @Nullable Duration sinceStart() {
    Instant begun = start.get();
    return begun == null ? null : Duration.between(begun, time.instant());
  }
}
