package io.serin.rehearsal.model;

import io.serin.rehearsal.fault.Elapsed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * When the traffic and the stages of the rollout began: what the times of faults are relative to. A
 * stage that began before the traffic counts from the traffic's start. Shared by the servers of a
 * rehearsal. Thread-safe.
 */
public final class FaultClock implements Elapsed {

  private final InstantSource time;
  private final boolean byFirstRequest;
  private final AtomicReference<@Nullable Instant> start = new AtomicReference<>();
  private final Map<String, Instant> stages = new ConcurrentHashMap<>();

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

  /** A stage begins now; what began once has begun. */
  public void stage(String name) {
    stages.putIfAbsent(name, time.instant());
  }

  void request() {
    if (byFirstRequest) {
      start.compareAndSet(null, time.instant());
    }
  }

  @Override
  public @Nullable Duration since(@Nullable String stage) {
    Instant traffic = start.get();
    if (traffic == null) {
      return null;
    }
    Instant begun = stage == null ? traffic : stages.get(stage);
    if (begun == null) {
      return null;
    }
    return Duration.between(begun.isBefore(traffic) ? traffic : begun, time.instant());
  }
}
