package io.serin.cli.rehearse;

import io.serin.cli.control.ControlException;
import io.serin.cli.stack.Stack;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.CacheBehaviour;
import io.serin.rehearsal.model.Latency;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.model.ModelSettings;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.serin.rehearsal.report.RehearsalReport;
import io.serin.rehearsal.traffic.TrafficSettings;
import io.serin.rehearsal.watch.Watcher;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Rehearses many rollouts on one stack, several at once, each with model servers, users and a
 * rollout of its own.
 */
final class Matrix {

  private final Settings settings;
  private final Surroundings where;
  private final Watcher watcher;
  private final InstantSource time;
  private final String runId;

  /**
   * How each cell is rehearsed.
   *
   * @param rate requests a second
   * @param stageLength how long a stage lasts
   * @param bound on the traffic of one cell
   */
  record Settings(double rate, Duration stageLength, Duration bound, int parallel, long seed) {
    Settings {
      if (!(rate > 0)) {
        throw new IllegalArgumentException("--rate: " + rate + " must be more than 0");
      }
      if (parallel < 1 || parallel > 64) {
        throw new IllegalArgumentException("--parallel: " + parallel + " must be from 1 to 64");
      }
    }
  }

  Matrix(Settings settings, Surroundings where, Watcher watcher, InstantSource time, String runId) {
    this.settings = settings;
    this.where = where;
    this.watcher = watcher;
    this.time = time;
    this.runId = runId;
  }

  /**
   * Rehearses all of them.
   *
   * @param finished told of each; one at a time
   * @return in the order in which they finished
   */
  List<MatrixResult> run(List<MatrixCell> cells, Consumer<MatrixResult> finished)
      throws InterruptedException {
    ConcurrentLinkedQueue<MatrixCell> waiting = new ConcurrentLinkedQueue<>(cells);
    List<MatrixResult> results = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(settings.parallel(), cells.size()); i++) {
      threads.add(
          Thread.ofPlatform()
              .name("serin-matrix-" + i)
              .start(
                  () -> {
                    for (MatrixCell cell = waiting.poll(); cell != null; cell = waiting.poll()) {
                      MatrixResult result = rehearse(cell);
                      synchronized (results) {
                        results.add(result);
                        finished.accept(result);
                      }
                      if (Thread.currentThread().isInterrupted()) {
                        return;
                      }
                    }
                  }));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      throw e;
    }
    return List.copyOf(results);
  }

  private MatrixResult rehearse(MatrixCell cell) {
    return cell.rails().map(fault -> rails(cell, fault)).orElseGet(() -> pipeline(cell));
  }

  private MatrixResult rails(MatrixCell cell, RailsFault fault) {
    long seed = settings.seed() + cell.rollout().hashCode();
    Stack stack = where.stack();
    if (stack == null) {
      return MatrixResult.failed(cell, "rails need the embedded stack");
    }
    try {
      return new RailsRehearsal(cell, fault, where, stack, settings.rate(), seed, time)
          .run(runId + "-" + cell.rollout());
    } catch (ControlException | RuntimeException e) {
      return MatrixResult.failed(cell, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return MatrixResult.failed(cell, "interrupted");
    }
  }

  private MatrixResult pipeline(MatrixCell cell) {
    Screen silent =
        new Screen(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false);
    RehearsalPlan plan = plan(cell);
    try (ModelServers servers =
        ModelServers.start("127.0.0.1", plan.models(), plan.faults(), false, time)) {
      Rehearsal rehearsal =
          new Rehearsal(
              plan, where, watcher, servers, new Kills(List.of(), silent, time), silent, time);
      return MatrixResult.of(cell, RehearsalReport.of(rehearsal.run(runId + "-" + cell.rollout())));
    } catch (RehearsalException | RuntimeException e) {
      return MatrixResult.failed(cell, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return MatrixResult.failed(cell, "interrupted");
    }
  }

  private RehearsalPlan plan(MatrixCell cell) {
    long seed = settings.seed() + cell.rollout().hashCode();
    List<ModelServers.Variant> variants = variants(seed);
    ScheduledFault fault = cell.fault();
    return new RehearsalPlan(
        RehearsedFile.pipeline(cell.rollout(), settings.stageLength(), cell.strict()),
        variants,
        fault == null ? List.of() : List.of(fault),
        variants.getFirst().recorded(),
        new TrafficSettings(settings.bound(), Long.MAX_VALUE, 0.7, 0.5, 0, 0.1, seed),
        null,
        1,
        settings.rate(),
        Duration.ofSeconds(60),
        0.05,
        1_000,
        Duration.ofSeconds(45),
        cell.expectation(),
        Duration.ofSeconds(2));
  }

  /** A control and a candidate that answer alike. */
  static List<ModelServers.Variant> variants(long seed) {
    List<ModelServers.Variant> variants = new ArrayList<>();
    for (String variant : List.of("control", "candidate")) {
      variants.add(
          new ModelServers.Variant(
              new ModelSettings(
                  variant,
                  new Latency.Lognormal(Duration.ofMillis(80), 0.3),
                  0,
                  8,
                  CacheBehaviour.DEFAULT,
                  seed),
              RecordedAnswers.shipped(variant),
              0));
    }
    return variants;
  }
}
