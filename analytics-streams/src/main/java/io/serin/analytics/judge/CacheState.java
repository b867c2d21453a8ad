package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.OfStratum;
import io.serin.analytics.judge.CellKey.WindowBin;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Variant;
import io.serin.statistics.design.ColdCache;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What is known of one candidate's prompt cache beside control's: hits of each unit's first request
 * of a stage that reports cached tokens. Absent is missing, never a miss.
 *
 * <p>Arms are fair to compare where they see as much traffic: P(hit) = 1−exp(−ρλ·TTL), so a cache
 * at a small share is colder for good, with the same model behind it. And only once the candidate's
 * cache is warm: it was empty at the start, or had seen less before the shares were equal. That
 * takes the time to live of a prefix, {@link #WARM_UP}, and {@value #WARM_UNITS} of the candidate's
 * first requests in the stage.
 */
final class CacheState {
  /** Units of each arm that must report before the arms are told apart. */
  private static final long FEWEST = 20;

  /** How much more often control must hit for its cache to be called warmer. */
  private static final double WARMER = 0.05;

  /** Windows that a cache takes to warm: an hour, the longest time to live that providers name. */
  private static final long WARM_UP = 360;

  /** First requests of the candidate that a cache takes to warm. */
  private static final long WARM_UNITS = 1_000;

  private final String candidate;
  private final Cells cells;
  private final String owner;
  private final String warming;
  private final String warm;

  /** The candidate's requests in stages with equal shares, by window, until its cache is warm. */
  private final Map<Integer, NavigableMap<Long, Long>> warmingUp = new TreeMap<>();

  /** Event time from which on the candidate's cache is warm, by stage. */
  private final Map<Integer, Long> warmFrom = new TreeMap<>();

  private final Exposures exposures;

  /**
   * By stratum with unequal shares or a cold cache: {candidate misses, candidate hits, control
   * misses, hits}.
   */
  private final Map<StratumId, long[]> unequal = new TreeMap<>();

  CacheState(String candidate, Cells cells, Exposures exposures) {
    this.candidate = candidate;
    this.cells = cells;
    this.exposures = exposures;
    this.owner = Cells.owner("cache", candidate);
    this.warming = Cells.owner(owner, "warming");
    this.warm = Cells.owner(owner, "warm");
    cells
        .of(warming)
        .forEach(
            (index, counts) -> {
              if (index instanceof WindowBin in) {
                windows(in.sketch()).put(in.window(), counts[0]);
              }
            });
    cells
        .of(warm)
        .forEach(
            (index, from) -> {
              if (index instanceof CellKey.Version of) {
                warmFrom.put((int) of.number(), from[0]);
              }
            });
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
    if (!observation.news().firstCached()) {
      return;
    }
    warmUp(observation);
    StratumId stratum = Strata.of(observation, candidate);
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

  private NavigableMap<Long, Long> windows(int stage) {
    return warmingUp.computeIfAbsent(stage, added -> new TreeMap<>());
  }

  /** Counts the candidate's requests until its cache is warm in a stage with equal shares. */
  private void warmUp(Observation observation) {
    int stage = observation.stage();
    if (warmFrom.containsKey(stage)
        || !observation.variant().equals(candidate)
        || !equalShares(observation)) {
      return;
    }
    NavigableMap<Long, Long> windows = windows(stage);
    long now = Strata.window(observation);
    long seen = 0;
    for (Map.Entry<Long, Long> each : windows.headMap(now).entrySet()) {
      seen += each.getValue();
    }
    if (seen >= WARM_UNITS && now >= windows.firstKey() + WARM_UP) {
      warmFrom.put(stage, now * Strata.WINDOW);
      cells.set(warm, new CellKey.Version(stage), now * Strata.WINDOW);
      windows.keySet().forEach(window -> cells.remove(warming, new WindowBin(stage, window, 0)));
      warmingUp.remove(stage);
      return;
    }
    windows.merge(now, 1L, Long::sum);
    cells.add(warming, new WindowBin(stage, now, 0), 1, 0, 1);
  }

  /** True where the arms' caches may be compared: equal shares, and the candidate's is warm. */
  boolean fair(Observation observation) {
    Long from = warmFrom.get(observation.stage());
    return from != null && observation.eventTime() >= from && equalShares(observation);
  }

  private boolean equalShares(Observation observation) {
    int own = observation.weights().getOrDefault(candidate, 0);
    int control = observation.weights().getOrDefault(Variant.CONTROL, 0);
    return own > 0 && control > 0 && ColdCache.mayRollBack(ColdCache.against(own, control));
  }

  /** True where control is seen to hit more often by its larger share or warmer cache. */
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
