package io.serin.analytics.gates;

import io.serin.analytics.judge.Cells;
import io.serin.analytics.judge.Judge;
import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.Guard;
import io.serin.rollout.Metric;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What must be shown of each candidate before the flip to 100 %: every guard with {@code notWorse}
 * shows that the candidate is not worse, each for itself (intersection-union: no correction). Its
 * state is {@link Cells}. Not thread-safe.
 */
public final class PromotionEvidence {
  private final Map<String, List<FirstOutcomes>> outcomes = new TreeMap<>();
  private final Map<String, List<NotWorse>> shows = new TreeMap<>();

  private final AbSums sums;
  private final boolean compares;

  public PromotionEvidence(RolloutFile file, Judge judge, Cells cells) {
    sums = new AbSums(cells);
    compares = file.ab() != null;
    for (Variant candidate : file.candidates()) {
      String name = candidate.name();
      FirstOutcomes errors = new FirstOutcomes(Metric.ERROR_RATE, name, cells);
      List<FirstOutcomes> kept = new ArrayList<>(List.of(errors));
      List<NotWorse> parts = new ArrayList<>();
      for (Guard guard : file.guards()) {
        Double margin = guard.notWorse();
        if (margin == null) {
          continue;
        }
        Measure measure = Measure.of(guard.metric());
        if (measure != null) {
          parts.add(
              new NotWorseQuantile(guard, measure, margin, name, judge.thresholds(measure), cells));
        } else if (guard.metric() == Metric.ERROR_RATE) {
          parts.add(new NotWorseRate(guard.metric().text(), margin, errors));
        } else {
          FirstOutcomes other = new FirstOutcomes(guard.metric(), name, cells);
          kept.add(other);
          parts.add(new NotWorseRate(guard.metric().text(), margin, other));
        }
      }
      outcomes.put(name, List.copyOf(kept));
      shows.put(name, List.copyOf(parts));
    }
  }

  public void observe(Observation observation) {
    if (compares) {
      sums.observe(observation);
    }
    outcomes.values().forEach(list -> list.forEach(kept -> kept.observe(observation)));
    shows.values().forEach(list -> list.forEach(part -> part.observe(observation)));
  }

  /** What has to be shown of a candidate; empty where the file asks for nothing. */
  public List<NotWorse> of(String candidate) {
    return shows.getOrDefault(candidate, List.of());
  }

  /** What an A/B test compares; nothing for other strategies. */
  AbSums sums() {
    return sums;
  }

  /** First requests that failed, of a candidate and control. */
  public FirstOutcomes errors(String candidate) {
    return outcomes.getOrDefault(candidate, List.of()).getFirst();
  }
}
