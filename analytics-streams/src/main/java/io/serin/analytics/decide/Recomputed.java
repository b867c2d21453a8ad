package io.serin.analytics.decide;

import io.serin.analytics.controller.Output;
import io.serin.schemas.Decision;
import io.serin.schemas.ProcessEvidence;
import io.serin.schemas.StratumCounts;
import io.serin.schemas.Verdict;
import io.serin.statistics.Logs;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.MixtureState;
import io.serin.statistics.sequential.SampleRatio;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A verdict computed again from its own record, without the inputs behind it.
 *
 * @param differences what does not agree with the record, one clause each
 */
public record Recomputed(List<String> differences) {
  private static final int TWO_SIDED = EventLabelDesign.different().ratios().size();

  public Recomputed {
    differences = List.copyOf(differences);
  }

  public boolean agrees() {
    return differences.isEmpty();
  }

  /** Computes every number that the record holds the parts of, and the decision. */
  public static Recomputed from(Verdict verdict) {
    if (verdict.getMetric().equals(Output.StageVerdict.METRIC)) {
      return new Recomputed(List.of()); // Its counts are in the guards' verdicts.
    }
    List<String> differences = new ArrayList<>();
    List<Double> wealth = new ArrayList<>();
    for (ProcessEvidence process : verdict.getProcesses()) {
      double logE =
          new MixtureState(
                  process.getLogLikelihoods(),
                  process.getLogWeights(),
                  process.getWaiting(),
                  process.getStarts())
              .logE();
      expect(differences, "logE of " + process.getName(), logE, process.getLogE());
      if (process.getName().endsWith("events") || process.getName().endsWith("peaks")) {
        likelihoods(differences, process);
      }
      if (process.getShare() > 0) {
        wealth.add(StrictMath.log(process.getShare()) + logE);
      }
    }
    double logE = Logs.sum(wealth.stream().mapToDouble(Double::doubleValue).toArray());
    expect(differences, "logE", logE, verdict.getLogE());
    expect(
        differences,
        "threshold",
        -StrictMath.log(verdict.getAlpha() * verdict.getWeight()),
        verdict.getThreshold());
    expect(
        differences,
        "sampleRatioLogE",
        sampleRatio(verdict.getUnits()),
        verdict.getSampleRatioLogE());
    Decision afresh = decision(verdict, verdict.getSignal());
    Decision frozen = decision(verdict, verdict.getResume());
    if (verdict.getDecision() != afresh && verdict.getDecision() != frozen) {
      differences.add("decision is " + verdict.getDecision() + ", computed " + afresh);
    }
    return new Recomputed(differences);
  }

  /** The likelihoods of an event-label process follow from its counts by stratum alone. */
  private static void likelihoods(List<String> differences, ProcessEvidence evidence) {
    EventLabelProcess process =
        new EventLabelProcess(
            evidence.getLogLikelihoods().size() == TWO_SIDED
                ? EventLabelDesign.different()
                : EventLabelDesign.worse());
    for (StratumCounts c : evidence.getCounts()) {
      process.add(
          0,
          new Stratum(c.getStratum(), c.getLabelProbability(), c.getMargin()),
          c.getCandidate(),
          c.getControl());
    }
    if (!process.mixture().logLikelihoods().equals(evidence.getLogLikelihoods())) {
      differences.add("likelihoods of " + evidence.getName() + " do not follow from its counts");
    }
  }

  private static double sampleRatio(List<StratumCounts> units) {
    return SampleRatio.of(
            units.stream()
                .map(
                    c ->
                        new SampleRatio.Exposures(
                            c.getStratum(),
                            List.of(c.getLabelProbability(), 1 - c.getLabelProbability()),
                            List.of(c.getCandidate(), c.getControl())))
                .toList())
        .logE();
  }

  private static Decision decision(Verdict verdict, double freeze) {
    if (!verdict.getApplicable()) {
      return Decision.NOT_APPLICABLE;
    }
    boolean fires = verdict.getLogE() >= verdict.getThreshold() && verdict.getEnough();
    boolean flags = verdict.getFlagEnough() && reaches(verdict);
    if ((fires || flags) && verdict.getBrokenSplit()) {
      return Decision.HOLD;
    }
    if (fires) {
      return Decision.valueOf(verdict.getAction().toUpperCase(Locale.ROOT));
    }
    if (verdict.getLogE() >= freeze && verdict.getSignal() < verdict.getThreshold()) {
      return Decision.FREEZE;
    }
    return flags ? Decision.FLAG : Decision.CONTINUE;
  }

  private static boolean reaches(Verdict verdict) {
    @Nullable Double logE = verdict.getFlagLogE();
    @Nullable Double threshold = verdict.getFlagThreshold();
    return logE != null && threshold != null && logE >= threshold;
  }

  private static void expect(List<String> differences, String what, double again, double told) {
    if (Double.compare(again, told) != 0) {
      differences.add(what + " is " + told + ", computed " + again);
    }
  }
}
