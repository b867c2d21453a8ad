package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.OfStratum;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Variant;
import io.serin.statistics.sequential.ColdCache;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of one candidate's prompt cache beside control's: hits of each unit's first request
 * of a stage that reports cached tokens. Absent is missing, never a miss.
 *
 * <p>Arms are fair to compare where they see as much traffic: P(hit) = 1−exp(−ρλ·TTL), so a cache
 * at a small share is colder for good, with the same model behind it.
 */
final class CacheState {
  /** Units of each arm that must report before the arms are told apart. */
  private static final long FEWEST = 20;

  /** How much more often control must hit for its cache to be called warmer. */
  private static final double WARMER = 0.05;

  private final String candidate;
  private final Cells cells;
  private final String owner;
  private final Exposures exposures;

  /** By stratum with unequal shares: {candidate misses, candidate hits, control misses, hits}. */
  private final Map<StratumId, long[]> unequal = new TreeMap<>();

  CacheState(String candidate, Cells cells, Exposures exposures) {
    this.candidate = candidate;
    this.cells = cells;
    this.exposures = exposures;
    this.owner = Cells.owner("cache", candidate);
    cells
        .of(owner)
        .forEach(
            (index, counts) -> {
              if (index instanceof OfStratum of) {
                unequal.put(of.stratum(), counts.clone());
              }
            });
  }

  void observe(Observation observation) {
    StratumId stratum = observation.news().firstCached() ? Strata.of(observation, candidate) : null;
    if (stratum == null || fair(observation)) {
      return;
    }
    int index =
        (observation.variant().equals(Variant.CONTROL) ? 2 : 0) + (hit(observation) ? 1 : 0);
    unequal.computeIfAbsent(stratum, s -> new long[4])[index]++;
    cells.add(owner, new OfStratum(stratum), 4, index, 1);
  }

  static boolean hit(Observation observation) {
    return observation.cachedTokens() != null && observation.cachedTokens() > 0;
  }

  /** True where the candidate and control have equal shares of the whole split. */
  boolean fair(Observation observation) {
    int own = observation.weights().getOrDefault(candidate, 0);
    int control = observation.weights().getOrDefault(Variant.CONTROL, 0);
    return own > 0 && control > 0 && ColdCache.mayRollBack(ColdCache.against(own, control));
  }

  /** True where control is seen to hit more often at a larger share: times are not comparable. */
  boolean colder() {
    Rates rates = new Rates();
    unequal.forEach(
        (stratum, c) -> {
          rates.units(stratum, c[0] + c[1], c[2] + c[3]);
          rates.events(stratum, c[0], c[2]);
        });
    Finding.Arms units = rates.unitTotal();
    Double misses = rates.difference();
    return units.candidate() >= FEWEST
        && units.control() >= FEWEST
        && misses != null
        && misses >= WARMER;
  }

  /** Units of control seen. */
  long controlUnits() {
    return exposures.total().control();
  }
}
