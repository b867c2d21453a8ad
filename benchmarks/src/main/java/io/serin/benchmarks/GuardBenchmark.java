package io.serin.benchmarks;

import io.serin.statistics.sequential.RateProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What judging costs: one event with its e-value read, as the judge does it, with the guard of
 * error.rate as it ships (both of its bets, restarts on), and a whole verdict over ten stages made
 * from its counts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GuardBenchmark {

  private static final int STAGES = 10;
  private static final int EVENTS = 2_000;
  private static final int EVENTS_A_WINDOW = 30;

  private final List<Stratum> strata = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(7);
  private RateProcess process = new RateProcess();
  private RateProcess read = process;
  private long events;

  /** A run with 2,000 events behind it, in ten stages. */
  @Setup(Level.Iteration)
  public void run() {
    strata.clear();
    for (int stage = 0; stage < STAGES; stage++) {
      strata.add(new Stratum("stage-" + stage, (stage + 1) / 20.0));
    }
    process = new RateProcess();
    for (events = 0; events < EVENTS; events++) {
      add(strata.get((int) (events * STAGES / EVENTS)));
    }
    read = process;
  }

  /** One event of a unit, and the guard's e-value after it. */
  @Benchmark
  public double updateAndRead() {
    add(strata.get(STAGES - 1));
    events++;
    return process.logE();
  }

  /** A verdict of ten stages: the evidence as it is written, and the e-value. */
  @Benchmark
  public double verdict() {
    return read.totals().size() + read.logE();
  }

  private void add(Stratum stratum) {
    long window = events / EVENTS_A_WINDOW;
    process.event(window, stratum, random.nextDouble() < stratum.probability());
    process.quiet(window, stratum, 10, 10);
  }
}
