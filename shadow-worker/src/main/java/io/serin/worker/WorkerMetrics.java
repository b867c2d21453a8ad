package io.serin.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.serin.schemas.Outcome;
import io.serin.worker.budget.Spend;
import io.serin.worker.call.ModelAttempt;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** One rollout's figures; each is explained in the module's README. Thread-safe. */
final class WorkerMetrics {
  private final MeterRegistry registry;
  private final Tags rollout;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong lag = new AtomicLong();
  private final Map<String, AtomicInteger> away = new ConcurrentHashMap<>();

  WorkerMetrics(MeterRegistry registry, String rollout) {
    this.registry = registry;
    this.rollout = Tags.of("rollout", rollout);
    Gauge.builder("serin.worker.in.flight", inFlight, AtomicInteger::get)
        .description("Pairs that are being asked now")
        .tags(this.rollout)
        .register(registry);
    Gauge.builder("serin.worker.pending", pending, AtomicInteger::get)
        .description("Captured requests taken on and not finished")
        .tags(this.rollout)
        .register(registry);
    Gauge.builder("serin.worker.lag", lag, AtomicLong::get)
        .description("Captured records not done, those not yet read included")
        .tags(this.rollout)
        .register(registry);
  }

  void entered() {
    inFlight.incrementAndGet();
  }

  void left() {
    inFlight.decrementAndGet();
  }

  void pending(int count) {
    pending.set(count);
  }

  void lag(long records) {
    lag.set(records);
  }

  void measured(Outcome outcome) {
    count("serin.worker.results", 1, "outcome", outcome.name());
  }

  void skipped(String reason) {
    count("serin.worker.skipped", 1, "reason", reason);
  }

  void deadLetter(String reason) {
    count("serin.worker.dead.letters", 1, "reason", reason);
  }

  void retried(ModelAttempt.Kind kind) {
    count("serin.worker.retries", 1, "cause", kind.name().toLowerCase(Locale.ROOT));
  }

  void used(String variant, Spend used) {
    count("serin.worker.calls", (double) used.calls(), "variant", variant);
    count("serin.worker.tokens", (double) used.tokens(), "variant", variant);
    count("serin.worker.cost", used.cost(), "variant", variant);
  }

  void reviewFailed(String kind) {
    count("serin.worker.review.failures", 1, "kind", kind);
  }

  void unreachable(String variant) {
    count("serin.worker.unreachable", 1, "variant", variant);
    away(variant).set(1);
  }

  void reached(String variant) {
    away(variant).set(0);
  }

  void published(int results) {
    registry.counter("serin.worker.published", rollout).increment(results);
  }

  void unreadable() {
    registry.counter("serin.worker.unreadable", rollout).increment();
  }

  void restarted() {
    registry.counter("serin.worker.restarts", rollout).increment();
  }

  private AtomicInteger away(String variant) {
    return away.computeIfAbsent(
        variant,
        name -> {
          AtomicInteger value = new AtomicInteger();
          Gauge.builder("serin.worker.variant.away", value, AtomicInteger::get)
              .description("1 while a variant cannot be reached and its replays wait")
              .tags(rollout.and("variant", name))
              .register(registry);
          return value;
        });
  }

  private void count(String name, double amount, String tag, String value) {
    registry.counter(name, rollout.and(tag, value)).increment(amount);
  }
}
