package io.serin.analytics.judge;

import io.serin.analytics.observation.EventClock;
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
  private static final String CLOCK = "clock";

  private final Cells cells;
  private final EventClock clock;
  private final Map<Measure, Thresholds> thresholds = new TreeMap<>();
  private final Map<String, Exposures> exposures = new TreeMap<>();
  private final Map<String, CacheState> caches = new TreeMap<>();
  private final List<CandidateGuard> guards = new ArrayList<>();

  public Judge(RolloutFile file, Cells cells) {
    this.cells = cells;
    this.clock = new EventClock(cells.single(CLOCK), now -> cells.set(CLOCK, CellKey.SINGLE, now));
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

  private static Finding.Level level(Guard guard, Budget budget) {
    ErrorBudget shared = budget.of(guard);
    return Finding.Level.of(
        budget.threshold(guard),
        budget.signal(guard),
        shared.alpha(),
        shared.weight(guard.metric().text()));
  }

  private CandidateGuard watch(
      Guard guard,
      String candidate,
      Finding.Level level,
      boolean blocks,
      Exposures seen,
      CacheState cache) {
    Measure measure = Measure.of(guard.metric());
    if (measure != null) {
      return new QuantileGuard(
          guard, measure, candidate, level, blocks, cells, clock, thresholds(measure), cache);
    }
    return switch (guard.metric()) {
      case FEEDBACK -> new RatingGuard(guard, candidate, level, cells, seen);
      case CACHE_HIT -> new CacheGuard(guard, candidate, level, cells, cache);
      default -> new EventGuard(guard, candidate, level, blocks, cells, seen);
    };
  }

  public void observe(Observation observation) {
    clock.advance(observation.eventTime());
    exposures.values().forEach(seen -> seen.advance(clock));
    if (observation.exposes()) {
      exposures.forEach(
          (candidate, seen) -> {
            StratumId stratum = Strata.of(observation, candidate);
            if (stratum != null) {
              expose(seen, stratum, observation);
            }
          });
    }
    thresholds.values().forEach(known -> known.advance(observation.eventTime()));
    if (observation.running()) {
      guards.forEach(watch -> watch.running(observation));
      return;
    }
    caches.values().forEach(cache -> cache.observe(observation));
    guards.forEach(watch -> watch.observe(observation));
    thresholds.values().forEach(known -> known.learn(observation));
  }

  private void expose(Exposures seen, StratumId stratum, Observation observation) {
    boolean candidate = !observation.variant().equals(Variant.CONTROL);
    Long startedAt = observation.progress().startedAt();
    if (startedAt == null) {
      seen.add(stratum, candidate);
    } else {
      seen.add(stratum, candidate, startedAt, clock);
    }
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
