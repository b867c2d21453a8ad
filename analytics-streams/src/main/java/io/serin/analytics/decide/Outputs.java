package io.serin.analytics.decide;

import io.serin.analytics.controller.Output;
import io.serin.analytics.judge.Finding;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Shadow;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.Pin;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.ProcessEvidence;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import io.serin.schemas.Slice;
import io.serin.schemas.StratumCounts;
import io.serin.schemas.ThresholdVersion;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Writes what the policy gives as records. */
public final class Outputs {
  private Outputs() {}

  /**
   * A {@link Command}, {@link Verdict} or {@link RolloutEvent}.
   *
   * @param serving the rollout's newest command before this one; null if none
   */
  public static SpecificRecord write(String rollout, Output output, @Nullable Command serving) {
    return switch (output) {
      case Output.Command ordered -> command(rollout, ordered);
      case Output.ControlOnly contained -> control(rollout, contained, serving);
      case Output.GuardVerdict judged -> verdict(rollout, judged);
      case Output.StageVerdict weighed -> promotion(rollout, weighed);
      case Output.Event told -> event(rollout, told);
    };
  }

  /** A command as the file's stages have it, at its largest: with the shadow plan. */
  public static Command sample(RolloutFile file) {
    return command(
        file.rollout(),
        new Output.Command(
            1,
            "",
            RolloutState.RUNNING,
            0,
            file.stages().getFirst().name(),
            file,
            Split.all(Variant.CONTROL),
            file.shadow() == null ? Shadow.DEFAULT : file.shadow(),
            "",
            null,
            0,
            List.of()));
  }

  private static Command command(String rollout, Output.Command ordered) {
    RolloutFile file = ordered.file();
    Shadow shadow = ordered.shadow();
    return Command.newBuilder()
        .setRollout(rollout)
        .setRevision(ordered.revision())
        .setRun(ordered.run())
        .setState(ordered.phase())
        .setStage(ordered.stage())
        .setStageName(ordered.stageName())
        .setVariants(file.variants().stream().map(Outputs::target).toList())
        .setSplit(slices(ordered.split().slices()))
        .setSalt(ordered.run())
        .setUnit(file.unit())
        .setPinConversations(file.pin() == Pin.CONVERSATION)
        .setShadow(shadow == null ? null : ShadowPlans.of(shadow, file))
        .setDeadlines(deadlines(file))
        .setLeaseMillis(RolloutStates.active(ordered.phase()) ? file.lease().toMillis() : 0)
        .setCause(ordered.cause())
        .setCauseId(ordered.causeId())
        .setIssuedAt(Instant.ofEpochMilli(ordered.at()))
        .setClearsTrips(ordered.clearsTrips())
        .build();
  }

  /**
   * All units to the control that routers serve already, so that the record fits whatever the file
   * holds.
   */
  private static Command control(
      String rollout, Output.ControlOnly contained, @Nullable Command serving) {
    RolloutFile file = contained.file();
    Command.Builder command = Command.newBuilder();
    if (serving != null) {
      command
          .setVariants(
              serving.getVariants().stream()
                  .filter(variant -> variant.getRole() == VariantRole.CONTROL)
                  .toList())
          .setStageName(serving.getStageName())
          .setUnit(serving.getUnit())
          .setDeadlines(serving.getDeadlines());
    } else if (file != null) {
      command
          .setVariants(
              file.variants().stream().filter(Variant::control).map(Outputs::target).toList())
          .setStageName("")
          .setUnit(file.unit())
          .setDeadlines(deadlines(file));
    } else {
      throw new IllegalStateException("neither a command nor a file names control");
    }
    return command
        .setRollout(rollout)
        .setRevision(contained.revision())
        .setRun(contained.run())
        .setState(contained.phase())
        .setStage(contained.stage())
        .setSplit(List.of(new Slice(Variant.CONTROL, 0, Split.SLOTS)))
        .setSalt(contained.run())
        .setShadow(null)
        .setLeaseMillis(0)
        .setCause(contained.cause())
        .setCauseId(contained.causeId())
        .setIssuedAt(Instant.ofEpochMilli(contained.at()))
        .setClearsTrips(List.of())
        .build();
  }

  private static Deadlines deadlines(RolloutFile file) {
    return Deadlines.newBuilder()
        .setConnect(millis(file.deadlines().connect()))
        .setFirstByte(millis(file.deadlines().firstByte()))
        .setIdle(millis(file.deadlines().idle()))
        .setTotal(millis(file.deadlines().total()))
        .build();
  }

  private static VariantTarget target(Variant variant) {
    return VariantTarget.newBuilder()
        .setName(variant.name())
        .setRole(variant.control() ? VariantRole.CONTROL : VariantRole.CANDIDATE)
        .setUrl(variant.url())
        .setModel(variant.model())
        .setCredential(variant.access().credential())
        .setHeaders(variant.headers())
        .setExtraBody(variant.body().extra())
        .setMoreUrls(variant.servers().moreUrls())
        .setHealthPath(variant.servers().healthPath())
        .setMaxConcurrency(variant.servers().maxConcurrency())
        .setCacheKey(variant.body().cacheKey())
        .setCredentialHeader(variant.access().credentialHeader())
        .setPaths(variant.access().paths())
        .setStreamUsage(variant.body().streamUsage())
        .build();
  }

  private static List<Slice> slices(List<Split.Slice> ranges) {
    List<Slice> slices = new ArrayList<>();
    for (Split.Slice range : ranges) {
      slices.add(new Slice(range.variant(), range.from(), range.to()));
    }
    return slices;
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  private static Verdict verdict(String rollout, Output.GuardVerdict judged) {
    Finding finding = judged.finding();
    Finding.Flag flag = finding.flag();
    return Verdict.newBuilder()
        .setId(judged.id())
        .setRollout(rollout)
        .setRun(judged.run())
        .setRevision(judged.revision())
        .setStage(judged.stage())
        .setCandidate(finding.candidate())
        .setMetric(finding.guard().metric().text())
        .setDecision(judged.decision())
        .setAt(Instant.ofEpochMilli(judged.at()))
        .setInputNumber(judged.inputNumber())
        .setLogE(finding.logE())
        .setThreshold(finding.level().fire())
        .setSignal(finding.level().signal())
        .setResume(finding.level().resume())
        .setAlpha(finding.level().alpha())
        .setWeight(finding.level().weight())
        .setAction(finding.guard().then().name().toLowerCase(Locale.ROOT))
        .setMargin(finding.guard().margin())
        .setAtLeast(finding.guard().atLeast())
        .setEnough(finding.enough())
        .setBrokenSplit(finding.brokenSplit())
        .setApplicable(finding.applicable())
        .setCandidateUnits(finding.units().candidate())
        .setControlUnits(finding.units().control())
        .setCandidateEvents(finding.events().candidate())
        .setControlEvents(finding.events().control())
        .setDifference(finding.difference())
        .setCandidateEstimate(finding.candidateEstimate())
        .setControlEstimate(finding.controlEstimate())
        .setLow(finding.interval().low())
        .setHigh(finding.interval().high())
        .setStrata(counts(finding.strata()))
        .setUnits(counts(finding.unitStrata()))
        .setSampleRatioLogE(finding.sampleRatioLogE())
        .setProcesses(finding.processes().stream().map(Outputs::process).toList())
        .setThresholds(finding.thresholds().stream().map(Outputs::threshold).toList())
        .setFlagLogE(flag == null ? null : Double.valueOf(flag.logE()))
        .setFlagThreshold(flag == null ? null : Double.valueOf(flag.threshold()))
        .setFlagEnough(flag != null && flag.enough())
        .setEvidence(finding.evidence())
        .setText(finding.text())
        .build();
  }

  private static List<StratumCounts> counts(List<Finding.Counts> counts) {
    return counts.stream()
        .map(
            c ->
                new StratumCounts(
                    c.stratum(), c.labelProbability(), c.candidate(), c.control(), c.margin()))
        .toList();
  }

  private static ProcessEvidence process(Finding.EProcess process) {
    return ProcessEvidence.newBuilder()
        .setName(process.name())
        .setLogE(process.logE())
        .setShare(process.share())
        .setLogLikelihoods(process.mixture().logLikelihoods())
        .setLogWeights(process.mixture().logWeights())
        .setWaiting(process.mixture().waiting())
        .setStarts(process.mixture().starts())
        .setCounts(counts(process.counts()))
        .build();
  }

  private static ThresholdVersion threshold(Finding.Threshold threshold) {
    return ThresholdVersion.newBuilder()
        .setNumber(threshold.number())
        .setStreamed(threshold.streamed())
        .setFrom(Instant.ofEpochMilli(threshold.from()))
        .setQuantile(threshold.quantile())
        .setValue(threshold.value())
        .setUnits(threshold.units())
        .build();
  }

  private static Verdict promotion(String rollout, Output.StageVerdict weighed) {
    return Verdict.newBuilder()
        .setId(weighed.id())
        .setRollout(rollout)
        .setRun(weighed.run())
        .setRevision(weighed.revision())
        .setStage(weighed.stage())
        .setCandidate(weighed.candidate())
        .setMetric(Output.StageVerdict.METRIC)
        .setDecision(weighed.decision())
        .setAt(Instant.ofEpochMilli(weighed.at()))
        .setInputNumber(weighed.inputNumber())
        .setLogE(weighed.logE())
        .setThreshold(weighed.threshold())
        .setAlpha(0.05)
        .setWeight(1)
        .setMargin(0)
        .setCandidateUnits(weighed.candidateUnits())
        .setControlUnits(weighed.controlUnits())
        .setCandidateEvents(0)
        .setControlEvents(0)
        .setEvidence(weighed.evidence())
        .setText(weighed.text())
        .build();
  }

  private static RolloutEvent event(String rollout, Output.Event told) {
    return RolloutEvent.newBuilder()
        .setRollout(rollout)
        .setRun(told.run())
        .setRevision(told.revision())
        .setStage(told.stage())
        .setStageName(told.stageName())
        .setKind(told.kind())
        .setAt(Instant.ofEpochMilli(told.at()))
        .setText(told.text())
        .setDetails(told.details())
        .build();
  }
}
