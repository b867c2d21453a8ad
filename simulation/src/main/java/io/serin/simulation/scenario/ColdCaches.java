package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.design.ColdCache;
import io.serin.statistics.design.ColdCache.Against;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An identical model whose cache is colder because it gets less traffic: compared with control at
 * 95 % it looks worse for good, so that comparison may only flag; compared with a twin at its own
 * share, or on follow-up turns, it does not.
 *
 * @param prefixes number of prompts' prefixes, Zipf-distributed
 * @param share the candidate's share
 * @param requests of one run
 * @param alpha level
 */
public record ColdCaches(int prefixes, double share, int requests, double alpha)
    implements Scenario {
  private static final double WARM = 0.77;

  public ColdCaches() {
    this(300, 0.05, 20_000, 0.05);
  }

  @Override
  public String name() {
    return "cold-cache";
  }

  @Override
  public String question() {
    return "an identical model at "
        + share
        + " is not rolled back for its cold cache; it would be without the rule";
  }

  @Override
  public int fullRuns() {
    return 1_000;
  }

  @Override
  public int quickRuns() {
    return 50;
  }

  @Override
  public Report run(long seed, int runs) {
    double[] rates = new double[prefixes];
    Arrays.setAll(rates, i -> 1.0 / (i + 1));
    double sum = Arrays.stream(rates).sum();
    Arrays.setAll(rates, i -> rates[i] / sum);
    double ttl = ColdCache.ttlFor(rates, 1 - share, WARM);
    double cold = ColdCache.hitRate(rates, share, ttl);
    long off = Runs.hits(Runs.of(seed, runs, r -> fires(r, share, cold, WARM)));
    long rule = ColdCache.mayRollBack(ColdCache.against(share, 1 - share)) ? off : 0;
    long twin = Runs.hits(Runs.of(seed + 1, runs, r -> fires(r, 0.5, cold, cold)));
    long followUps = Runs.hits(Runs.of(seed + 2, runs, r -> fires(r, share, 0.95, 0.95)));
    boolean fair = ColdCache.mayRollBack(Against.TWIN) && ColdCache.mayRollBack(Against.FOLLOW_UPS);
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(
            new Figure("hit rate at the candidate's share", cold, 0, 0.3, 0.4),
            new Figure(
                "hit rate at control's share",
                ColdCache.hitRate(rates, 1 - share, ttl),
                0,
                0.76,
                0.78),
            Figure.atLeast("fires on all requests, the rule off", off, runs, 0.95),
            new Figure("rolled back without a twin", (double) rule / runs, 0, 0, 0),
            Figure.atMost("rolled back with a twin", fair ? twin : runs, runs, alpha),
            Figure.atMost("rolled back on follow-up turns", fair ? followUps : runs, runs, alpha)));
  }

  /** A miss is the bad outcome, bet on with both outcomes since it is common. */
  private double fires(
      SplittableRandom random, double rho, double candidateHits, double controlHits) {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower());
    Stratum stratum = new Stratum("all", rho);
    for (int i = 0; i < requests; i++) {
      boolean candidate = random.nextDouble() < rho;
      process.add(
          i / 100,
          0,
          stratum,
          candidate,
          random.nextDouble() >= (candidate ? candidateHits : controlHits));
      if (process.logE() >= -Math.log(alpha)) {
        return 1;
      }
    }
    return 0;
  }
}
