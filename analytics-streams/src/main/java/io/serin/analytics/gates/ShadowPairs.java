package io.serin.analytics.gates;

import io.serin.analytics.judge.CellKey.OfStage;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.observation.PairedObservation;
import io.serin.rollout.Guard;
import io.serin.rollout.Metric;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Then;
import io.serin.rollout.plan.Budget;
import io.serin.statistics.Numerics;
import io.serin.statistics.design.BetGrowth;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.Stratum;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the pairs of a shadow stage say of a candidate against control, replayed beside it: failures
 * and empty answers, refusals, broken JSON and time. Each must be shown not worse (PairedBet, E ≥
 * 20), and each may be shown worse (McNemar's test, sequentially, ρ = ½). One pair a unit. Its
 * state is {@link Cells}. Not thread-safe.
 */
public final class ShadowPairs {
  /** ln 20. */
  static final double PASS = StrictMath.log(20);

  private static final Stratum PAIRS = new Stratum("pairs", 0.5);
  private static final int FEWEST_EVENTS = 5;

  /** What a mixture of eight ratios stays behind the best of them, ln 8. */
  private static final double MIXTURE = StrictMath.log(8);

  /** What is compared: cell's last part, and the margin where the file names none. */
  enum Part {
    ERRORS("fails or is empty", 0.01),
    REFUSALS("refuses", 0.02),
    JSON("breaks the JSON", 0.01),
    SCHEMA("breaks the schema", 0.01),
    TOOLS("misses or breaks a tool call", 0.01),
    LANGUAGE("leaves the question's language", 0.01),
    LATENCY("is slower", 0.2),
    TOKENS("needs more tokens", 0.5);

    private final String words;
    private final double margin;

    Part(String words, double margin) {
      this.words = words;
      this.margin = margin;
    }

    String words() {
      return words;
    }

    /** A ratio with a margin; the others happen or not. */
    boolean ratio() {
      return this == LATENCY || this == TOKENS;
    }
  }

  /**
   * Counts of one part: pairs against the candidate, in its favour, of this kind, and far apart.
   */
  record Counts(long against, long inFavour, long pairs, long apart) {}

  private final RolloutFile file;
  private final Cells cells;
  private final ShadowSegments segments;

  public ShadowPairs(RolloutFile file, Cells cells) {
    this.file = file;
    this.cells = cells;
    this.segments = new ShadowSegments(cells);
  }

  public void observe(PairedObservation pair) {
    boolean told = !pair.candidateHas().isEmpty() && !pair.controlHas().isEmpty();
    boolean answered = !pair.candidateFailed() && !pair.controlFailed();
    segments.begin(pair);
    event(pair, Part.ERRORS, pair.candidateFailed(), pair.controlFailed());
    event(pair, Part.REFUSALS, pair.candidateRefused(), pair.controlRefused());
    if (pair.candidateJson() != null && pair.controlJson() != null) {
      event(pair, Part.JSON, !pair.candidateJson(), !pair.controlJson());
    } else if (told && answered) {
      event(pair, Part.JSON, false, false);
    }
    if (told && answered) {
      // Of all pairs, not of those alone that ask for it: what is rare must not hold a stage
      // forever.
      event(pair, Part.SCHEMA, has(pair, true, "schema-broken"), has(pair, false, "schema-broken"));
      event(
          pair,
          Part.TOOLS,
          has(pair, true, "tool-missing") || has(pair, true, "tool-broken"),
          has(pair, false, "tool-missing") || has(pair, false, "tool-broken"));
      event(
          pair,
          Part.LANGUAGE,
          has(pair, true, "other-language"),
          has(pair, false, "other-language"));
    }
    ratio(pair, Part.LATENCY, pair.durationRatio());
    ratio(pair, Part.TOKENS, pair.tokenRatio());
  }

  private static boolean has(PairedObservation pair, boolean ofCandidate, String event) {
    return Boolean.TRUE.equals((ofCandidate ? pair.candidateHas() : pair.controlHas()).get(event));
  }

  private void ratio(PairedObservation pair, Part part, @Nullable Double ratio) {
    if (ratio != null) {
      double margin = 1 + margin(part);
      count(pair, part, ratio > margin, ratio <= margin, ratio > margin || ratio < 1 / margin);
    }
  }

  private void event(
      PairedObservation pair, Part part, @Nullable Boolean candidate, @Nullable Boolean control) {
    if (candidate != null && control != null) {
      count(pair, part, candidate && !control, control && !candidate, !candidate.equals(control));
    }
  }

  private void count(
      PairedObservation pair, Part part, boolean against, boolean inFavour, boolean apart) {
    String owner = owner(pair.candidate());
    OfStage index = new OfStage(pair.stage(), part.name());
    cells.add(owner, index, 4, 0, against ? 1 : 0);
    cells.add(owner, index, 4, 1, inFavour ? 1 : 0);
    cells.add(owner, index, 4, 2, 1);
    cells.add(owner, index, 4, 3, apart ? 1 : 0);
    segments.count(pair, part, against, inFavour);
  }

  /** The segments in which a candidate is worse. */
  ShadowSegments segments() {
    return segments;
  }

  Counts counts(String candidate, int stage, Part part) {
    long[] c = cells.of(owner(candidate)).get(new OfStage(stage, part.name()));
    return c == null ? new Counts(0, 0, 0, 0) : new Counts(c[0], c[1], c[2], c[3]);
  }

  /** The margin that "not worse" means: the file's own guard where it has one. */
  double margin(Part part) {
    Metric metric =
        switch (part) {
          case ERRORS -> Metric.ERROR_RATE;
          case REFUSALS -> Metric.REFUSAL_RATE;
          case LATENCY -> Metric.LATENCY_P50;
          case TOKENS -> Metric.TOKENS;
          case JSON, SCHEMA, TOOLS, LANGUAGE -> null;
        };
    for (Guard guard : file.guards()) {
      Double own = guard.notWorse();
      if (guard.metric() == metric && own != null) {
        return own;
      }
    }
    return part.margin;
  }

  /** ln E that the candidate is not worse in this part. */
  double notWorse(String candidate, int stage, Part part) {
    Counts c = counts(candidate, stage, part);
    return PairedBet.logE(c.against(), c.inFavour(), c.pairs(), part.ratio() ? 0 : margin(part));
  }

  /** ln E that it is worse: McNemar, sequentially; for a time, slower than its margin allows. */
  double worse(String candidate, int stage, Part part) {
    Counts c = counts(candidate, stage, part);
    return worse(c.against(), c.inFavour());
  }

  static double worse(long against, long inFavour) {
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse().withoutRestarts());
    process.add(0, PAIRS, against, inFavour);
    return process.logE();
  }

  /**
   * The part in which a candidate is worse, as a sentence; null where none is shown. Parts and
   * candidates share {@link Budget#SHADOW_SHARE} of the file's α.
   */
  public @Nullable String alarm(String candidate, int stage) {
    for (Part part : parts(candidate, stage)) {
      Counts c = counts(candidate, stage, part);
      if (c.against() >= FEWEST_EVENTS && worse(candidate, stage, part) >= alarmHeight()) {
        return String.format(
            Locale.ROOT,
            "in shadow %s %s%s in %d of %d pairs in which control does not, the other way round in"
                + " %d",
            candidate,
            part.words(),
            part.ratio()
                ? String.format(Locale.ROOT, " by more than %.0f %%", 100 * margin(part))
                : "",
            c.against(),
            c.pairs(),
            c.inFavour());
      }
    }
    return null;
  }

  private double alarmHeight() {
    return StrictMath.log(
        Part.values().length * file.candidates().size() / (Budget.SHADOW_SHARE * file.alpha()));
  }

  /**
   * Pairs in all that are announced for this part: by which an identical candidate is shown not
   * worse, and one that is worse by twice the margin (a ratio: by half as much again) is taken out,
   * each with this probability. What control does alone says how much an identical one differs, so
   * that a candidate that is worse does not lengthen its own trial.
   */
  double planned(String candidate, int stage, Part part, double power) {
    Counts c = counts(candidate, stage, part);
    if (part.ratio()) {
      double above = (c.apart() + 1) / (2.0 * (c.pairs() + 1));
      double sigma =
          StrictMath.log1p(margin(part)) / Numerics.normalQuantile(1 - Math.min(0.499, above));
      double worse =
          Numerics.normalCdf(
              (StrictMath.log1p(1.5 * margin(part)) - StrictMath.log1p(margin(part))) / sigma);
      return Math.max(
          PairedBet.pairs(above, 1 - above, 0, PASS, power), detected(worse, 1 - worse, power));
    }
    double alone = (c.inFavour() + 1) / (c.pairs() + 1.0);
    return Math.max(
        PairedBet.pairs(alone, alone, margin(part), PASS, power),
        detected(alone + 2 * margin(part), alone, power));
  }

  /** Pairs by which the alarm has sounded, where a pair speaks against and in favour with these. */
  private double detected(double against, double inFavour, double power) {
    double label = against / (against + inFavour);
    double up = StrictMath.log(2 * label);
    double down = StrictMath.log(2 * (1 - label));
    double mean = against * up + inFavour * down;
    double variance = against * up * up + inFavour * down * down - mean * mean;
    return mean > 0 && Double.isFinite(variance)
        ? new BetGrowth(mean, Math.max(0, variance), MIXTURE).requests(alarmHeight(), power)
        : Double.POSITIVE_INFINITY;
  }

  /**
   * Parts that a stage is left or ended by: those that its pairs speak of; errors and time always;
   * tokens where the file's guard on them rolls back.
   */
  List<Part> parts(String candidate, int stage) {
    return List.of(Part.values()).stream()
        .filter(
            part ->
                switch (part) {
                  case ERRORS, LATENCY -> true;
                  case REFUSALS, JSON, SCHEMA, TOOLS, LANGUAGE ->
                      counts(candidate, stage, part).pairs() > 0;
                  case TOKENS -> rollsBackOnTokens();
                })
        .toList();
  }

  private boolean rollsBackOnTokens() {
    return file.guards().stream()
        .anyMatch(guard -> guard.metric() == Metric.TOKENS && guard.then() == Then.ROLLBACK);
  }

  private static String owner(String candidate) {
    return Cells.owner("pairs", candidate);
  }
}
