package io.serin.analytics.judge;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.statistics.sequential.FeedbackDesign;
import io.serin.statistics.sequential.FeedbackProcess;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Watches users' ratings: each unit's first rating of a stage, a thumb up or down, by a 2×2 block
 * e-process given who rated ({@link FeedbackProcess}). Whether the arms rate equally often is
 * tested apart: where they do not, those who rated are not comparable people, and the guard may not
 * fire.
 */
final class RatingGuard implements CandidateGuard {
  private final Guard guard;
  private final String candidate;
  private final Finding.Level level;
  private final Cells cells;
  private final String owner;
  private final Exposures exposures;
  private final Ratings ratings;
  private long firstBadAt;

  RatingGuard(
      Guard guard, String candidate, Finding.Level level, Cells cells, Exposures exposures) {
    this.guard = guard;
    this.candidate = candidate;
    this.level = level;
    this.cells = cells;
    this.exposures = exposures;
    this.owner = Cells.owner("ratings", guard.metric().text(), candidate);
    this.ratings = new Ratings(FeedbackDesign.worse(), cells, Cells.owner(owner, "count"));
    firstBadAt = cells.single(Cells.owner(owner, "first"));
  }

  @Override
  public void observe(Observation observation) {
    // Requests say nothing of ratings; units are counted by the judge.
  }

  @Override
  public void rate(FirstRating rated) {
    StratumId stratum = Strata.of(rated, candidate);
    if (stratum == null) {
      return;
    }
    boolean ofCandidate = !rated.variant().equals(Variant.CONTROL);
    ratings.add(Strata.window(rated.eventTime()), stratum, ofCandidate, rated.bad());
    if (ofCandidate && rated.bad() && (firstBadAt == 0 || rated.eventTime() < firstBadAt)) {
      firstBadAt = rated.eventTime();
      cells.set(Cells.owner(owner, "first"), CellKey.SINGLE, firstBadAt);
    }
  }

  @Override
  public String name() {
    return guard.metric().text() + "/" + candidate;
  }

  @Override
  public boolean quiet() {
    return ratings.process().logE() < level.signal();
  }

  @Override
  public Finding finding() {
    FeedbackProcess process = ratings.process();
    Rates rates = ratings.rates();
    Finding.Arms down = rates.eventTotal();
    Finding.Arms rating = rates.unitTotal();
    Double difference = rates.difference();
    double split = exposures.logE();
    Map<String, Double> evidence = new TreeMap<>();
    evidence.put("blocks", (double) process.blocks());
    evidence.put("whoRatesLogE", process.whoRatesLogE());
    List<Finding.EProcess> processes =
        List.of(new Finding.EProcess("ratings", 1, process.mixture(), rates.eventStrata()));
    return new Finding(
        candidate,
        guard,
        Finding.wealth(processes),
        level,
        rating,
        down,
        difference,
        rates.candidateRate(),
        rates.controlRate(),
        rates.interval(),
        rates.eventStrata(),
        exposures.counts(),
        split,
        down.candidate() >= FEWEST_EVENTS && difference != null && difference >= guard.atLeast(),
        split >= BROKEN_SPLIT || process.whoRatesLogE() >= BROKEN_SPLIT,
        rating.control() > 0 || exposures.total().control() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        List.of(),
        null,
        evidence,
        text(rating, down, process.whoRatesLogE()));
  }

  private String text(Finding.Arms rating, Finding.Arms down, double whoRates) {
    if (rating.control() == 0) {
      return "no unit of control has rated";
    }
    return String.format(
        Locale.ROOT,
        "%d of %d units of %s that rated gave a thumb down, %d of %d of control%s",
        down.candidate(),
        rating.candidate(),
        candidate,
        down.control(),
        rating.control(),
        whoRates >= BROKEN_SPLIT ? "; the arms do not rate equally often" : "");
  }
}
