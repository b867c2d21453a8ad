package io.serin.analytics.gates;

import io.serin.rollout.Metric;
import io.serin.rollout.Then;
import io.serin.rollout.plan.Forecast;
import java.util.Locale;
import java.util.Map;

/**
 * The units of this stage by which the guard on errors would have fired, with the file's power,
 * were the candidate's error rate three times control's. A file whose errors do not roll back has
 * no such number: a unit of the candidate is enough then.
 */
record DetectionGate() implements StageGate {
  @Override
  public Progress progress(StageContext in, String candidate) {
    FirstOutcomes outcomes = in.evidence().errors(candidate);
    FirstOutcomes.Totals seen = outcomes.inStage(in.stageIndex());
    if (in.file().guards().stream()
        .noneMatch(g -> g.metric() == Metric.ERROR_RATE && g.then() == Then.ROLLBACK)) {
      return new ScheduleGate().progress(in, candidate);
    }
    double rate = outcomes.totals().controlRate();
    double needed = Forecast.detection(in.file(), in.share(candidate), rate);
    double more = Math.max(seen.candidateUnits() == 0 ? 1 : 0, needed - seen.units());
    String what =
        String.format(
            Locale.ROOT,
            "the units that detect three times control's %.2f %% errors (%.0f, %d seen)",
            rate * 100,
            Math.ceil(needed),
            seen.units());
    return new Progress(
        more <= 0,
        0,
        0,
        more,
        Map.of(
            "unitsNeeded",
            Math.ceil(needed),
            "unitsSeen",
            (double) seen.units(),
            "controlErrorRate",
            rate),
        what + (more <= 0 ? " were seen" : " have not all been seen"));
  }
}
