package io.serin.router.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.serin.modelcalls.Server;
import io.serin.router.memory.MemoryBudget;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a router counts for /metrics. Names and tags carry rollouts and variants, never a unit, a
 * prompt or a key. Thread-safe.
 */
public final class RouterMetrics {

  private record AttemptKey(String rollout, String variant, Why why, Result result, boolean last) {}

  private final MeterRegistry registry;
  private final GenAiMeters genAi;
  private final ServedModels served;
  private final Map<AttemptKey, Counter> attempts = new ConcurrentHashMap<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger realtime = new AtomicInteger();
  private final Map<String, Counter> rejected = new ConcurrentHashMap<>();
  private final Counter feedback;
  private final Counter feedbackRefused;

  /** Registers its meters. */
  public RouterMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.genAi = new GenAiMeters(registry);
    this.served = new ServedModels(registry);
    registry.gauge("serin.router.requests.in.flight", underWay);
    Gauge.builder("serin.router.realtime.sessions", realtime, AtomicInteger::get)
        .description("Realtime sessions that are open, passed through to control")
        .register(registry);
    this.feedback = registry.counter("serin.router.feedback");
    this.feedbackRefused =
        Counter.builder("serin.router.feedback.refused")
            .description("Feedback over its rate, or without room in the journal")
            .register(registry);
  }

  /** Shows what requests hold of the router's memory. */
  public void memory(MemoryBudget memory) {
    Gauge.builder("serin.router.memory.held", memory, MemoryBudget::held)
        .description("Bytes that requests hold in bodies and whole answers")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("serin.router.memory.refused", memory, MemoryBudget::refusals)
        .description("How often a request was refused memory")
        .register(registry);
  }

  /** Shows how many connections clients have. */
  public void connections(Supplier<Number> open) {
    Gauge.builder("serin.router.client.connections", open)
        .description("Connections of clients that are open")
        .register(registry);
  }

  /** Requests under way. */
  public int inFlight() {
    return underWay.get();
  }

  public void requestBegan() {
    underWay.incrementAndGet();
  }

  public void requestEnded() {
    underWay.decrementAndGet();
  }

  /**
   * A realtime session begins.
   *
   * @return whether fewer than the most were open; it is not counted where not
   */
  public boolean realtimeBegins(int most) {
    if (realtime.incrementAndGet() <= most) {
      return true;
    }
    realtime.decrementAndGet();
    return false;
  }

  /**
   * A realtime session is over.
   *
   * @param end who or what ended it
   */
  public void realtimeEnded(String rollout, String end) {
    realtime.decrementAndGet();
    registry.counter("serin.router.realtime.ended", "rollout", rollout, "end", end).increment();
  }

  /**
   * An attempt is over.
   *
   * @param model the variant's model, where its command names one
   */
  public void attempt(RequestEvent event, @Nullable String model) {
    attempts
        .computeIfAbsent(
            new AttemptKey(
                event.getRollout(),
                event.getServedVariant(),
                event.getWhy(),
                Result.of(event.getMeasurement()),
                event.getLast()),
            this::register)
        .increment();
    genAi.attempt(event, model);
    served.attempt(event);
  }

  /** A model server is known: says from now on whether it is called. */
  public void serverKnown(String rollout, String variant, Server server) {
    Tags tags =
        Tags.of("rollout", rollout, "variant", variant, "server", server.address().origin());
    Gauge.builder(
            "serin.router.server.available",
            server,
            known -> known.available(System.nanoTime()) ? 1 : 0)
        .tags(tags)
        .register(registry);
    Gauge.builder("serin.router.server.in.flight", server, Server::inFlight)
        .tags(tags)
        .register(registry);
  }

  /** The router refused a request itself. */
  public void rejected(int status) {
    rejected
        .computeIfAbsent(
            Integer.toString(status),
            code -> registry.counter("serin.router.requests.rejected", "status", code))
        .increment();
  }

  public void feedbackTaken() {
    feedback.increment();
  }

  public void feedbackRefused() {
    feedbackRefused.increment();
  }

  private Counter register(AttemptKey key) {
    return Counter.builder("serin.router.attempts")
        .tags("rollout", key.rollout(), "variant", key.variant())
        .tag("why", key.why().name().toLowerCase(Locale.ROOT))
        .tag("result", key.result().tag())
        .tag("last", Boolean.toString(key.last()))
        .register(registry);
  }
}
