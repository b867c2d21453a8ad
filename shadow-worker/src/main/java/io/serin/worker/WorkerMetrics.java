package io.serin.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.serin.schemas.Outcome;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The worker's figures; each is explained in the module's README. Thread-safe. */
final class WorkerMetrics {
  private final MeterRegistry registry;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong lag = new AtomicLong();
  private final Map<String, AtomicInteger> away = new ConcurrentHashMap<>();

  WorkerMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("serin.worker.in.flight", inFlight, AtomicInteger::get)
        .description("Pairs that are being asked now")
        .register(registry);
    Gauge.builder("serin.worker.pending", pending, AtomicInteger::get)
        .description("Captured requests taken on and not finished")
        .register(registry);
    Gauge.builder("serin.worker.lag", lag, AtomicLong::get)
        .description("Captured requests not finished, those not yet read included")
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
    counter("serin.worker.results", "outcome", outcome.name()).increment();
  }

  void skipped(String reason) {
    counter("serin.worker.skipped", "reason", reason).increment();
  }

  void retried(ModelAttempt.Kind kind) {
    counter("serin.worker.retries", "cause", kind.name().toLowerCase(Locale.ROOT)).increment();
  }

  void unreachable(String variant) {
    counter("serin.worker.unreachable", "variant", variant).increment();
    away(variant).set(1);
  }

  void reached(String variant) {
    away(variant).set(0);
  }

  void published(int results) {
    registry.counter("serin.worker.published").increment(results);
  }

  void unreadable() {
    registry.counter("serin.worker.unreadable").increment();
  }

  void restarted() {
    registry.counter("serin.worker.restarts").increment();
  }

  private AtomicInteger away(String variant) {
    return away.computeIfAbsent(
        variant,
        name -> {
          AtomicInteger value = new AtomicInteger();
          Gauge.builder("serin.worker.variant.away", value, AtomicInteger::get)
              .description("1 while a variant cannot be reached and its replays wait")
              .tag("variant", name)
              .register(registry);
          return value;
        });
  }

  private Counter counter(String name, String tag, String value) {
    return registry.counter(name, tag, value);
  }
}
