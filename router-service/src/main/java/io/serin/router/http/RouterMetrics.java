package io.serin.router.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.serin.schemas.Outcome;
import io.serin.schemas.Why;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a router counts for /metrics. Names and tags carry rollouts and variants, never a unit, a
 * prompt or a key. Thread-safe.
 */
public final class RouterMetrics {

  private record AttemptKey(
      String rollout, String variant, Why why, Outcome outcome, boolean last) {}

  private record Attempts(Counter count, Timer duration, Timer ttft) {}

  private final MeterRegistry registry;
  private final Map<AttemptKey, Attempts> attempts = new ConcurrentHashMap<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final Map<String, Counter> rejected = new ConcurrentHashMap<>();
  private final Counter feedback;

  /** Registers its meters. */
  public RouterMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("serin.router.requests.in.flight", underWay);
    this.feedback = registry.counter("serin.router.feedback");
  }

  /** Requests under way. */
  public int inFlight() {
    return underWay.get();
  }

  void requestBegan() {
    underWay.incrementAndGet();
  }

  void requestEnded() {
    underWay.decrementAndGet();
  }

  void attemptEnded(String rollout, String variant, Why why, AttemptEnd end, boolean last) {
    Attempts meters =
        attempts.computeIfAbsent(
            new AttemptKey(rollout, variant, why, end.outcome(), last), this::register);
    meters.count().increment();
    meters.duration().record(end.durationNanos(), TimeUnit.NANOSECONDS);
    if (end.ttftNanos() >= 0) {
      meters.ttft().record(end.ttftNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** The router refused a request itself. */
  void rejected(int status) {
    rejected
        .computeIfAbsent(
            Integer.toString(status),
            code -> registry.counter("serin.router.requests.rejected", "status", code))
        .increment();
  }

  void feedbackTaken() {
    feedback.increment();
  }

  private Attempts register(AttemptKey key) {
    String why = key.why().name().toLowerCase(Locale.ROOT);
    String outcome = key.outcome().name().toLowerCase(Locale.ROOT);
    return new Attempts(
        Counter.builder("serin.router.attempts")
            .tags(
                "rollout", key.rollout(), "variant", key.variant(), "why", why, "outcome", outcome)
            .tag("last", Boolean.toString(key.last()))
            .register(registry),
        Timer.builder("serin.router.attempt.duration")
            .tags("rollout", key.rollout(), "variant", key.variant())
            .register(registry),
        Timer.builder("serin.router.attempt.ttft")
            .tags("rollout", key.rollout(), "variant", key.variant())
            .register(registry));
  }
}
