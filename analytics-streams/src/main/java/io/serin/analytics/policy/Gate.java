package io.serin.analytics.policy;

import io.serin.analytics.rollout.Guard;
import io.serin.analytics.rollout.Metric;
import io.serin.analytics.rollout.RolloutFile;
import io.serin.analytics.rollout.Variant;
import io.serin.statistics.sequential.PromotionGate;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What must hold before the flip to 100 %: the error rate shown not worse than control's by {@code
 * notWorse}, on each unit's first request of a stage. A file without such a guard is never promoted
 * unattended.
 */
final class Gate {
  /** ln 20. */
  private static final double PASS = StrictMath.log(20);

  private static final String PREFIX = "gate";

  private final Cells cells;

  Gate(Cells cells) {
    this.cells = cells;
  }

  void observe(Sight sight) {
    if (!sight.first()) {
      return;
    }
    boolean bad = sight.end() == Sight.End.FAILED;
    for (String candidate : sight.labelSlots().keySet()) {
      String stratum = candidate.equals(Variant.CONTROL) ? null : Strata.of(sight, candidate);
      if (stratum != null) {
        String name = Cells.name(PREFIX, candidate, stratum);
        boolean ofCandidate = !sight.variant().equals(Variant.CONTROL);
        cells.add(name, 3, 2, 1);
        if (bad) {
          cells.add(name, 3, ofCandidate ? 0 : 1, 1);
        }
      }
    }
  }

  /** What is missing for promotion, as a clause; empty where nothing is. */
  String missing(RolloutFile file) {
    Guard errors =
        file.guards().stream()
            .filter(guard -> guard.metric() == Metric.ERROR_RATE && guard.notWorse() != null)
            .findFirst()
            .orElse(null);
    if (errors == null || errors.notWorse() == null) {
      return "no error.rate guard with notWorse shows that the candidate may be promoted: a person decides";
    }
    Map<String, Integer> last = file.stages().getLast().weights();
    for (String candidate : last.keySet()) {
      PromotionGate gate = new PromotionGate(errors.notWorse());
      Map<String, long[]> counts = new TreeMap<>(cells.under(Cells.name(PREFIX, candidate, "")));
      long units = 0;
      for (var entry : counts.entrySet()) {
        String stratum = entry.getKey().substring(Cells.name(PREFIX, candidate, "").length());
        long[] c = entry.getValue();
        gate.add(Strata.parse(stratum), c[0], c[1], c[2]);
        units += c[2];
      }
      double logE = gate.logE();
      if (!(logE >= PASS)) {
        return String.format(
            Locale.ROOT,
            "too little evidence that errors of %s are not %.1f points worse: ln E %.2f of %.2f after %d units%s",
            candidate,
            errors.notWorse() * 100,
            logE,
            PASS,
            units,
            logE > 0.1
                ? String.format(
                    Locale.ROOT, ", need about %.0f more at this rate", units * (PASS / logE - 1))
                : "");
      }
    }
    return "";
  }
}
