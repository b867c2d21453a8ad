package io.serin.analytics.judge;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Servers;
import io.serin.rollout.Then;
import io.serin.rollout.Variant;
import io.serin.rollout.plan.Budget;
import io.serin.statistics.sequential.ErrorBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All guards of one run, each on each candidate. Its state is {@link Cells}: the same cells give
 * the same findings, bit for bit, in whatever order their counts came. Not thread-safe.
 */
public final class Judge {
  private final Cells cells;
  private final Map<Measure, Thresholds> thresholds = new TreeMap<>();
  private final Map<String, Exposures> exposures = new TreeMap<>();
  private final Map<String, CacheState> caches = new TreeMap<>();
  private final List<CandidateGuard> guards = new ArrayList<>();

  public Judge(RolloutFile file, Cells cells) {
    this.cells = cells;
    Budget budget = Budget.of(file);
    for (Variant candidate : file.candidates()) {
      Exposures seen = new Exposures(cells, Cells.owner("units", candidate.name()));
      exposures.put(candidate.name(), seen);
      CacheState cache = new CacheState(candidate.name(), cells, seen);
      caches.put(candidate.name(), cache);
      for (Guard guard : file.guards()) {
        boolean blocks = file.servers() == Servers.OWN && guard.then() == Then.ROLLBACK;
        guards.add(watch(guard, candidate.name(), level(guard, budget), blocks, seen, cache));
      }
    }
  }

  private static Level level(Guard guard, Budget budget) {
    ErrorBudget shared = budget.of(guard);
    return Level.of(
        budget.threshold(guard),
        budget.signal(guard),
        shared.alpha(),
        shared.weight(guard.metric().text()));
  }

  private CandidateGuard watch(
      Guard guard,
      String candidate,
      Level level,
      boolean blocks,
      Exposures seen,
      CacheState cache) {
    Measure measure = Measure.of(guard.metric());
    if (measure != null) {
      return new QuantileGuard(
          guard, measure, candidate, level, blocks, cells, thresholds(measure), cache);
    }
    return switch (guard.metric()) {
      case FEEDBACK -> new RatingGuard(guard, candidate, level, cells, seen);
      case CACHE_HIT -> new CacheGuard(guard, candidate, level, cells, cache);
      default -> new EventGuard(guard, candidate, level, blocks, cells, seen);
    };
  }

  public void observe(Observation observation) {
    if (observation.first()) {
      exposures.forEach(
          (candidate, seen) -> {
            StratumId stratum = Strata.of(observation, candidate);
            if (stratum != null) {
              seen.add(stratum, !observation.variant().equals(Variant.CONTROL));
            }
          });
    }
    thresholds.values().forEach(known -> known.advance(observation.eventTime()));
    caches.values().forEach(cache -> cache.observe(observation));
    guards.forEach(watch -> watch.observe(observation));
    thresholds.values().forEach(known -> known.learn(observation));
  }

  public void rate(FirstRating rated) {
    guards.forEach(watch -> watch.rate(rated));
  }

  /** Every guard on every candidate, in the order of the file. */
  public List<CandidateGuard> guards() {
    return guards;
  }

  /** What a quantile guard's values are held against. */
  public Thresholds thresholds(Measure measure) {
    return thresholds.computeIfAbsent(measure, added -> new Thresholds(added, cells));
  }

  /** Largest log e-value, over candidates, that units are not split as ordered. */
  public double sampleRatioLogE() {
    return exposures.values().stream().mapToDouble(Exposures::logE).max().orElse(0);
  }
}
