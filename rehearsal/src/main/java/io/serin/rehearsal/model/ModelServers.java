package io.serin.rehearsal.model;

import io.serin.rehearsal.fault.FaultPlan;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.net.URI;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * The model servers of one rehearsal: one for each variant, with one clock for their faults.
 * Thread-safe.
 */
public final class ModelServers implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final FaultClock clock;
  private final Map<String, ModelServer> servers = new LinkedHashMap<>();
  private final Map<String, URI> urls = new LinkedHashMap<>();

  /**
   * One variant's server.
   *
   * @param port 0 lets the system choose
   */
  public record Variant(ModelSettings settings, RecordedAnswers recorded, int port) {}

  private ModelServers(InstantSource time, boolean armedByFirstRequest) {
    this.clock = new FaultClock(time, armedByFirstRequest);
  }

  /**
   * Starts them and returns once all listen.
   *
   * @param armedByFirstRequest whether the first request starts the faults' clock where {@link
   *     #arm} was not called
   * @throws IllegalArgumentException where a port is taken, or a fault names a variant that is not
   *     there
   */
  public static ModelServers start(
      String host,
      List<Variant> variants,
      List<ScheduledFault> faults,
      boolean armedByFirstRequest,
      InstantSource time) {
    List<String> names = variants.stream().map(variant -> variant.settings().name()).toList();
    for (ScheduledFault fault : faults) {
      if (!names.contains(fault.variant())) {
        throw new IllegalArgumentException(
            "fault '%s': VARIANT '%s' must be one of %s"
                .formatted(fault, fault.variant(), String.join(", ", names)));
      }
    }
    ModelServers models = new ModelServers(time, armedByFirstRequest);
    try {
      for (Variant variant : variants) {
        models.add(host, variant, faults, time);
      }
    } catch (RuntimeException e) {
      models.close();
      throw e;
    }
    return models;
  }

  private void add(String host, Variant variant, List<ScheduledFault> faults, InstantSource time) {
    String name = variant.settings().name();
    ModelServer server =
        new ModelServer(
            vertx,
            variant.settings(),
            variant.recorded(),
            new FaultPlan(name, faults),
            clock,
            time,
            _ -> {});
    try {
      int port =
          server.listen(host, variant.port()).toCompletionStage().toCompletableFuture().join();
      servers.put(name, server);
      urls.put(name, URI.create("http://" + host + ":" + port));
    } catch (CompletionException e) {
      String why =
          e.getCause() instanceof BindException
              ? "the port is taken"
              : String.valueOf(e.getCause());
      throw new IllegalArgumentException(
          "the model server of %s cannot listen on %s:%d: %s"
              .formatted(name, host, variant.port(), why),
          e);
    }
  }

  /** Where each listens, without /v1. */
  public Map<String, URI> urls() {
    return Map.copyOf(urls);
  }

  /** The traffic begins now: the times of faults count from here. */
  public void arm() {
    clock.start();
  }

  /** A stage of the rollout begins now: the times of its faults count from here. */
  public void stage(String name) {
    clock.stage(name);
  }

  /** What each told so far. */
  public Map<String, AnswerTally.Snapshot> tallies() {
    Map<String, AnswerTally.Snapshot> tallies = new LinkedHashMap<>();
    servers.forEach((name, server) -> tallies.put(name, server.tally()));
    return tallies;
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
