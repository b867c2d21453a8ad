package io.serin.analytics.judge;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.ExceedanceDesign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Watches how often prompts are found in the cache, by both-outcome bets on misses. Two processes
 * may roll back, each with half of the wealth: each unit's first request of a stage that reports
 * cached tokens, where the arms have equal shares, and its first follow-up turn within the cache's
 * time on the same variant, whose prefix is the conversation's own. First requests at unequal
 * shares only flag: a cache at a small share is colder for good, with the same model behind it.
 */
final class CacheGuard implements CandidateGuard {
  private final Guard guard;
  private final String candidate;
  private final Finding.Level level;
  private final Cells cells;
  private final String owner;
  private final CacheState cache;
  private final Exposures analysed;
  private final Exceedances fair;
  private final Exceedances followUps;
  private final Exceedances unequal;
  private long firstBadAt;

  CacheGuard(Guard guard, String candidate, Finding.Level level, Cells cells, CacheState cache) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.cache = cache;
    this.owner = Cells.owner("hits", guard.metric().text(), candidate);
    this.analysed = new Exposures(cells, Cells.owner(owner, "units"));
    this.fair = bet("fair");
    this.followUps = bet("followUps");
    this.unequal = bet("unequal");
    firstBadAt = cells.single(Cells.owner(owner, "first"));
  }

  private Exceedances bet(String name) {
    return new Exceedances(ExceedanceDesign.slower(), cells, Cells.owner(owner, "miss", name));
  }

  @Override
  public void observe(Observation observation) {
    boolean first = observation.news().firstCached();
    boolean followUp = observation.news().firstFollowUp();
    StratumId stratum = first || followUp ? Strata.of(observation, candidate) : null;
    if (stratum == null || observation.cachedTokens() == null) {
      return;
    }
    boolean ofCandidate = !observation.variant().equals(Variant.CONTROL);
    boolean miss = !CacheState.hit(observation);
    long window = Strata.window(observation);
    if (first) {
      (cache.fair(observation) ? fair : unequal).add(window, 0, stratum, ofCandidate, miss);
      analysed.add(stratum, ofCandidate);
    }
    if (followUp) {
      followUps.add(window, 0, stratum, ofCandidate, miss);
    }
    if (ofCandidate && miss && (firstBadAt == 0 || observation.eventTime() < firstBadAt)) {
      firstBadAt = observation.eventTime();
      cells.set(Cells.owner(owner, "first"), CellKey.SINGLE, firstBadAt);
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    return Math.max(Logs.mean(fair.logE(), followUps.logE()), unequal.logE()) < level.signal();
  }

  private List<Finding.EProcess> processes() {
    return List.of(
        new Finding.EProcess("fair", 0.5, fair.mixture(), fair.counts()),
        new Finding.EProcess("followUps", 0.5, followUps.mixture(), followUps.counts()));
  }

  @Override
  public Finding finding() {
    List<Finding.EProcess> processes = new ArrayList<>(processes());
    double logE = Finding.wealth(processes);
    processes.add(new Finding.EProcess("unequal", 0, unequal.mixture(), unequal.counts()));
    Rates firsts = new Rates();
    fair.addTo(firsts);
    unequal.addTo(firsts);
    Exceedances strongest = fair.logE() >= followUps.logE() ? fair : followUps;
    double split = analysed.logE();
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("followUpMisses", (double) followUps.candidateYes());
    return new Finding(
        candidate,
        guard,
        logE,
        level,
        firsts.unitTotal(),
        firsts.eventTotal(),
        firsts.difference(),
        firsts.candidateRate(),
        firsts.controlRate(),
        firsts.interval(),
        firsts.eventStrata(),
        analysed.counts(),
        split,
        enough(strongest),
        split >= BROKEN_SPLIT,
        firsts.unitTotal().control() > 0 || cache.controlUnits() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        List.of(),
        new Finding.Flag(unequal.logE(), level.signal(), enough(unequal)),
        evidence,
        text(firsts));
  }

  private boolean enough(Exceedances process) {
    Rates rates = new Rates();
    process.addTo(rates);
    Double difference = rates.difference();
    return rates.eventTotal().candidate() >= FEWEST_EVENTS
        && difference != null
        && difference >= guard.atLeast();
  }

  private String text(Rates firsts) {
    Finding.Arms units = firsts.unitTotal();
    Finding.Arms misses = firsts.eventTotal();
    if (units.control() == 0) {
      return "control reports no cached tokens: absent is missing, not 0";
    }
    return String.format(
        Locale.ROOT,
        "%d of %d first requests of %s found nothing in the cache, %d of %d of control",
        misses.candidate(),
        units.candidate(),
        candidate,
        misses.control(),
        units.control());
  }
}
