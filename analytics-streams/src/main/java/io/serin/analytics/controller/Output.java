package io.serin.analytics.controller;

import io.serin.analytics.judge.Finding;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Shadow;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the judge and controller of one rollout give. */
public sealed interface Output {

  /** The whole state that every router must serve. */
  record Command(
      long revision,
      String run,
      RolloutState phase,
      int stage,
      String stageName,
      RolloutFile file,
      Split split,
      @Nullable Shadow shadow,
      String cause,
      @Nullable String causeId,
      long at,
      List<String> clearsTrips)
      implements Output {}

  /**
   * A command of a run that the controller could not act on: control alone, small whatever the file
   * holds.
   *
   * @param file null where none could be read
   */
  record ControlOnly(
      long revision,
      String run,
      RolloutState phase,
      int stage,
      @Nullable RolloutFile file,
      String cause,
      @Nullable String causeId,
      long at)
      implements Output {}

  /** One guard's judgement of one candidate, with its evidence. */
  record GuardVerdict(
      String id,
      String run,
      long revision,
      int stage,
      long at,
      long inputNumber,
      Decision decision,
      Finding finding)
      implements Output {}

  /**
   * Where one candidate stands in its stage: what its gate says, with the evidence.
   *
   * @param logE of what is furthest from its threshold
   * @param text one sentence for a person
   */
  record StageVerdict(
      String id,
      String run,
      long revision,
      int stage,
      long at,
      long inputNumber,
      String candidate,
      Decision decision,
      double logE,
      double threshold,
      long candidateUnits,
      long controlUnits,
      Map<String, Double> evidence,
      String text)
      implements Output {
    /** What these judgements are called where guards are called by their metric. */
    public static final String METRIC = "promotion";

    public StageVerdict {
      evidence = Collections.unmodifiableMap(new TreeMap<>(evidence));
    }
  }

  /** What a person wants to know. */
  record Event(
      EventKind kind,
      String run,
      long revision,
      int stage,
      String stageName,
      long at,
      String text,
      Map<String, String> details)
      implements Output {}
}
