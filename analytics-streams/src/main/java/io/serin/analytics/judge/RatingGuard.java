package io.serin.analytics.judge;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Variant;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.FeedbackDesign;
import io.serin.statistics.sequential.FeedbackProcess;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Watches users' ratings, each unit's first of a stage, a thumb up or down, by two processes with
 * half of the wealth each.
 *
 * <p>Given who rated: a 2×2 block e-process ({@link FeedbackProcess}). It may not fire where the
 * arms do not rate equally often, which is tested apart: those who rated are then not comparable
 * people. Per exposed unit: who rates is part of the outcome, so a thumb down carries the
 * candidate's label with its share of the units whoever rates. It may not fire where the
 * candidate's units give more thumbs up too: then they rate more, and are not known to like it
 * less. What may not fire flags, with the bounds of the worst case.
 */
final class RatingGuard implements CandidateGuard {
  private final Guard guard;
  private final String candidate;
  private final Finding.Level level;
  private final Cells cells;
  private final String owner;
  private final Exposures exposures;
  private final Ratings ratings;
  private final EventLabels downs;
  private final EventLabels ups;
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
    this.downs = labels("down");
    this.ups = labels("up");
    firstBadAt = cells.single(Cells.owner(owner, "first"));
  }

  private EventLabels labels(String kind) {
    return new EventLabels(
        EventLabelDesign.worse(),
        null,
        cells,
        Cells.owner(owner, kind),
        (version, stratum) -> stratum.stratum());
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
    long window = Strata.window(rated.eventTime());
    ratings.add(window, stratum, ofCandidate, rated.bad());
    (rated.bad() ? downs : ups).add(window, 0, stratum, ofCandidate);
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
    return Math.max(ratings.process().logE(), downs.logE()) < level.signal();
  }

  @Override
  public Finding finding() {
    FeedbackProcess process = ratings.process();
    Rates rates = ratings.rates();
    Finding.Arms down = rates.eventTotal();
    Finding.Arms rating = rates.unitTotal();
    Double difference = rates.difference();
    double split = exposures.logE();
    boolean unequal = process.whoRatesLogE() >= BROKEN_SPLIT;
    boolean moreUps = ups.logE() >= BROKEN_SPLIT;
    RatingShares shares = RatingShares.of(exposures.total(), rating, down);
    Map<String, Double> evidence = new TreeMap<>(shares.evidence());
    evidence.put("blocks", (double) process.blocks());
    evidence.put("whoRatesLogE", process.whoRatesLogE());
    evidence.put("moreThumbsUpLogE", ups.logE());
    List<Finding.EProcess> processes =
        List.of(
            new Finding.EProcess(
                "ratings", unequal ? 0 : 0.5, process.mixture(), rates.eventStrata()),
            new Finding.EProcess("downs", moreUps ? 0 : 0.5, downs.mixture(), downs.counts()));
    boolean amongRaters = !unequal && difference != null && difference >= guard.atLeast();
    boolean perUnit = !moreUps && shares.difference() >= guard.atLeast() * shares.controlRates();
    boolean enough = down.candidate() >= FEWEST_EVENTS;
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
        enough && (amongRaters || perUnit),
        split >= BROKEN_SPLIT,
        rating.control() > 0 || exposures.total().control() < ENOUGH_TO_TELL,
        firstBadAt,
        processes,
        List.of(),
        unequal || moreUps
            ? new Finding.Flag(
                Logs.mean(process.logE(), downs.logE()),
                level.signal(),
                enough && shares.difference() > 0)
            : null,
        evidence,
        text(rating, down, unequal, shares));
  }

  private String text(
      Finding.Arms rating, Finding.Arms down, boolean unequal, RatingShares shares) {
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
        unequal ? "; " + shares.text() : "");
  }
}
