package io.serin.analytics.policy;

import io.serin.analytics.rollout.Guard;
import io.serin.analytics.rollout.Metric;
import io.serin.analytics.rollout.RolloutFile;
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
final class ShadowPairs {
  /** ln 20. */
  static final double PASS = StrictMath.log(20);

  private static final Stratum PAIRS = new Stratum("pairs", 0.5);
  private static final int FEWEST_EVENTS = 5;

  /** What is compared: cell's last part, and the margin where the file names none. */
  enum Part {
    ERRORS("fails or is empty", 0.01),
    REFUSALS("refuses", 0.02),
    JSON("breaks the JSON", 0.01),
    LATENCY("is slower", 0.2);

    private final String words;
    private final double margin;

    Part(String words, double margin) {
      this.words = words;
      this.margin = margin;
    }

    String words() {
      return words;
    }
  }

  /**
   * Counts of one part: pairs against the candidate, in its favour, of this kind, and far apart.
   */
  record Counts(long against, long inFavour, long pairs, long apart) {}

  private final RolloutFile file;
  private final Cells cells;

  ShadowPairs(RolloutFile file, Cells cells) {
    this.file = file;
    this.cells = cells;
  }

  void observe(PairSight sight) {
    event(sight, Part.ERRORS, sight.candidateFailed(), sight.controlFailed());
    event(sight, Part.REFUSALS, sight.candidateRefused(), sight.controlRefused());
    if (sight.candidateJson() != null && sight.controlJson() != null) {
      event(sight, Part.JSON, !sight.candidateJson(), !sight.controlJson());
    }
    Double ratio = sight.durationRatio();
    if (ratio != null) {
      double margin = 1 + margin(Part.LATENCY);
      count(
          sight,
          Part.LATENCY,
          ratio > margin,
          ratio <= margin,
          ratio > margin || ratio < 1 / margin);
    }
  }

  private void event(
      PairSight sight, Part part, @Nullable Boolean candidate, @Nullable Boolean control) {
    if (candidate != null && control != null) {
      count(sight, part, candidate && !control, control && !candidate, !candidate.equals(control));
    }
  }

  private void count(PairSight sight, Part part, boolean against, boolean inFavour, boolean apart) {
    String name = name(sight.candidate(), sight.stage(), part);
    cells.add(name, 4, 0, against ? 1 : 0);
    cells.add(name, 4, 1, inFavour ? 1 : 0);
    cells.add(name, 4, 2, 1);
    cells.add(name, 4, 3, apart ? 1 : 0);
  }

  Counts counts(String candidate, int stage, Part part) {
    long[] c = cells.under(name(candidate, stage, part)).get(name(candidate, stage, part));
    return c == null ? new Counts(0, 0, 0, 0) : new Counts(c[0], c[1], c[2], c[3]);
  }

  /** The margin that "not worse" means: the file's own guard where it has one. */
  double margin(Part part) {
    Metric metric =
        switch (part) {
          case ERRORS -> Metric.ERROR_RATE;
          case REFUSALS -> Metric.REFUSAL_RATE;
          case LATENCY -> Metric.LATENCY_P50;
          case JSON -> null;
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
    return PairedBet.logE(
        c.against(), c.inFavour(), c.pairs(), part == Part.LATENCY ? 0 : margin(part));
  }

  /** ln E that it is worse: McNemar, sequentially; for a time, slower than its margin allows. */
  double worse(String candidate, int stage, Part part) {
    Counts c = counts(candidate, stage, part);
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse().withoutRestarts());
    process.add(0, PAIRS, c.against(), c.inFavour());
    return process.logE();
  }

  /**
   * The part in which a candidate is worse, as a sentence; null where none is shown. The parts
   * share the file's α.
   */
  @Nullable String alarm(String candidate, int stage) {
    double threshold = StrictMath.log(Part.values().length / file.alpha());
    for (Part part : Part.values()) {
      Counts c = counts(candidate, stage, part);
      if (c.against() >= FEWEST_EVENTS && worse(candidate, stage, part) >= threshold) {
        return String.format(
            Locale.ROOT,
            "in shadow %s %s%s in %d of %d pairs in which control does not, the other way round in %d",
            candidate,
            part.words(),
            part == Part.LATENCY
                ? String.format(Locale.ROOT, " by more than %.0f %%", 100 * margin(part))
                : "",
            c.against(),
            c.pairs(),
            c.inFavour());
      }
    }
    return null;
  }

  /** Pairs in all by which an identical candidate is shown not worse in this part. */
  double planned(String candidate, int stage, Part part, double power) {
    Counts c = counts(candidate, stage, part);
    double half = (c.apart() + 0.25) / (2.0 * (c.pairs() + 0.5));
    double inFavour = part == Part.LATENCY ? 1 - half : half;
    double margin = part == Part.LATENCY ? 0 : margin(part);
    return PairedBet.pairs(half, inFavour, margin, PASS, power);
  }

  /** Parts that pairs of this stage speak of; errors and time always. */
  List<Part> parts(String candidate, int stage) {
    return List.of(Part.values()).stream()
        .filter(
            part ->
                part == Part.ERRORS
                    || part == Part.LATENCY
                    || counts(candidate, stage, part).pairs() > 0)
        .toList();
  }

  private static String name(String candidate, int stage, Part part) {
    return Cells.name("pairs", candidate, stage, part.name());
  }
}
