package io.serin.router.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.serin.schemas.RequestEvent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts answers by the model and system fingerprint that they name, so that a provider that swaps
 * a model silently becomes visible. A server writes these names: at most {@value #MOST} pairs are
 * counted apart for a variant, all further ones as "other". Thread-safe.
 */
final class ServedModels {

  private static final int MOST = 20;
  private static final int MAX_LABEL = 64;
  private static final String OTHER = "other";

  private record Of(String rollout, String variant) {}

  private record Named(Of of, String model, String fingerprint) {}

  private final MeterRegistry registry;
  private final Map<Named, Counter> known = new ConcurrentHashMap<>();
  private final Map<Of, AtomicInteger> names = new ConcurrentHashMap<>();

  ServedModels(MeterRegistry registry) {
    this.registry = registry;
  }

  void attempt(RequestEvent event) {
    String model = event.getMeasurement().getServedModel();
    if (model == null) {
      return;
    }
    Of of = new Of(event.getRollout(), event.getServedVariant());
    Named named = new Named(of, label(model), label(event.getMeasurement().getSystemFingerprint()));
    Counter counter = known.get(named);
    if (counter == null) {
      AtomicInteger count = names.computeIfAbsent(of, _ -> new AtomicInteger());
      boolean room = count.get() < MOST && count.incrementAndGet() <= MOST;
      counter = known.computeIfAbsent(room ? named : new Named(of, OTHER, OTHER), this::register);
    }
    counter.increment();
  }

  private static String label(@Nullable String name) {
    if (name == null) {
      return "";
    }
    String printable = name.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() > MAX_LABEL ? printable.substring(0, MAX_LABEL) : printable;
  }

  private Counter register(Named named) {
    return Counter.builder("serin.router.served.models")
        .description("Answers by the model and system fingerprint that they name")
        .tags("rollout", named.of().rollout(), "variant", named.of().variant())
        .tag("model", named.model())
        .tag("fingerprint", named.fingerprint())
        .register(registry);
  }
}
