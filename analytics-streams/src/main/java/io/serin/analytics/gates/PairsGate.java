package io.serin.analytics.gates;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A candidate leaves shadow when paired comparisons with control, replayed beside it, show that it
 * is not worse: in failures, refusals, broken JSON and time. Missing pairs are never a pass.
 */
public record PairsGate() implements StageGate {
  /** Pairs before anything is announced or passed. */
  public static final int FEWEST = 100;

  @Override
  public Progress progress(StageContext in, String candidate) {
    ShadowPairs pairs = in.pairs();
    int stage = in.stageIndex();
    long seen = pairs.counts(candidate, stage, ShadowPairs.Part.ERRORS).pairs();
    if (seen < FEWEST) {
      return Progress.waits(
          String.format(
              Locale.ROOT,
              "%d pairs of %s and control, replayed beside it, were seen: at least %d are needed",
              seen,
              candidate,
              FEWEST));
    }
    List<ShadowPairs.Part> parts = pairs.parts(candidate, stage);
    double power = 1 - (1 - in.file().power()) / parts.size();
    double least = Double.POSITIVE_INFINITY;
    double planned = FEWEST;
    List<String> open = new ArrayList<>();
    Map<String, Double> evidence = new TreeMap<>();
    for (ShadowPairs.Part part : parts) {
      double logE = pairs.notWorse(candidate, stage, part);
      ShadowPairs.Counts counts = pairs.counts(candidate, stage, part);
      // Pairs of a kind may be few among all: a plan for them is a plan for all.
      double share = Math.max(1, counts.pairs()) / (double) seen;
      double all = pairs.planned(candidate, stage, part, power) / Math.min(1, share);
      String name = part.name().toLowerCase(Locale.ROOT);
      evidence.put("pairs." + name, (double) counts.pairs());
      evidence.put("against." + name, (double) counts.against());
      evidence.put("inFavour." + name, (double) counts.inFavour());
      evidence.put("logE." + name, logE);
      planned = Math.max(planned, all);
      least = Math.min(least, logE);
      if (!(logE >= ShadowPairs.PASS)) {
        open.add(part.words());
      }
    }
    evidence.put("pairs", (double) seen);
    List<ShadowSegments.Found> worst = pairs.segments().worse(candidate, stage, parts);
    for (ShadowSegments.Found found : worst) {
      evidence.put(
          "worseIn." + found.segment() + "." + found.part().name().toLowerCase(Locale.ROOT),
          found.logE());
    }
    if (Double.isFinite(planned)) {
      evidence.put("plannedPairs", Math.ceil(planned));
    }
    boolean holds = open.isEmpty() && worst.isEmpty();
    String text =
        open.isEmpty() && !worst.isEmpty()
            ? String.format(
                Locale.ROOT,
                "%d pairs show that %s is not worse than control over all, but it is worse in a"
                    + " part of them: %s",
                seen,
                candidate,
                worst(worst))
            : holds
                ? String.format(
                    Locale.ROOT, "%d pairs show that %s is not worse than control", seen, candidate)
                : String.format(
                    Locale.ROOT,
                    "%d pairs do not show yet that %s no more often %s than control; %s",
                    seen,
                    candidate,
                    String.join(", ", open),
                    more(planned, seen) + (worst.isEmpty() ? "" : "; worst: " + worst(worst)));
    return new Progress(
        holds, least, ShadowPairs.PASS, holds ? 0 : Double.POSITIVE_INFINITY, evidence, text);
  }

  private static String worst(List<ShadowSegments.Found> found) {
    return String.join("; ", found.stream().limit(3).map(ShadowSegments.Found::text).toList());
  }

  private static String more(double planned, long seen) {
    if (Double.isInfinite(planned)) {
      return "no number of pairs would at this spread";
    }
    if (planned <= seen) {
      return String.format(
          Locale.ROOT, "an identical one is expected to within %.0f pairs", Math.ceil(planned));
    }
    return "need about " + Format.about(planned - seen) + " more pairs";
  }
}
