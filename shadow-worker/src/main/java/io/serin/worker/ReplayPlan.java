package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutStates;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.worker.budget.Draw;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done with a captured request, given the rollout's command. Pure: the same on every
 * worker and after every restart, but for the command.
 */
sealed interface ReplayPlan {

  /**
   * Ask these.
   *
   * @param candidates at least one
   * @param control asked beside each candidate; null where it was not drawn
   * @param answers that each side gives, at least 1
   * @param controlAnswers that control gives: more where it measures the noise floor
   */
  record Replay(
      List<VariantTarget> candidates,
      @Nullable VariantTarget control,
      int answers,
      int controlAnswers,
      ShadowPlan shadow,
      Command command)
      implements ReplayPlan {}

  /**
   * Ask nobody, and say why in the result.
   *
   * @param reason one of the reasons in the module's README
   */
  record Skip(String reason) implements ReplayPlan {}

  /**
   * Which requests and candidates are meant.
   *
   * @param anyRun also requests of other runs than the command's, and of rollouts that are over: a
   *     backfill
   * @param candidate the only one; null for all
   */
  record Scope(boolean anyRun, @Nullable String candidate) {
    /** The live requests of the run, on all its candidates. */
    static final Scope LIVE = new Scope(false, null);

    boolean means(String variant) {
      return candidate == null || candidate.equals(variant);
    }
  }

  /** No command of the rollout is known. */
  String UNKNOWN_ROLLOUT = "unknown-rollout";

  /** Another run of the rollout has begun. */
  String OTHER_RUN = "run-over";

  /** The rollout wants no shadowing any more. */
  String NO_SHADOW = "no-shadow";

  /** Every candidate of the plan served the request itself, and control is not asked beside. */
  String SERVED_BY_CANDIDATE = "served-by-candidate";

  static ReplayPlan of(CapturedPayload payload, @Nullable Command command) {
    return of(payload, command, Scope.LIVE);
  }

  static ReplayPlan of(CapturedPayload payload, @Nullable Command command, Scope scope) {
    if (command == null) {
      return new Skip(UNKNOWN_ROLLOUT);
    }
    if (!scope.anyRun() && !command.getRun().equals(payload.getRun())) {
      return new Skip(OTHER_RUN);
    }
    ShadowPlan shadow = plan(command, scope);
    if (shadow == null) {
      return new Skip(NO_SHADOW);
    }
    VariantTarget control = control(payload, command, shadow);
    List<VariantTarget> candidates = new ArrayList<>();
    boolean named = false;
    for (VariantTarget variant : command.getVariants()) {
      if (shadow.getCandidates().contains(variant.getName()) && scope.means(variant.getName())) {
        named = true;
        if (control != null || !variant.getName().equals(payload.getServedVariant())) {
          candidates.add(variant);
        }
      }
    }
    if (!named) {
      return new Skip(NO_SHADOW);
    }
    int answers = Math.max(1, shadow.getAnswers());
    boolean noise =
        Draw.basisPoints("noise", payload.getRequestId()) < shadow.getNoiseBasisPoints();
    return candidates.isEmpty()
        ? new Skip(SERVED_BY_CANDIDATE)
        : new Replay(
            List.copyOf(candidates),
            control,
            answers,
            noise ? Math.max(2, answers) : answers,
            shadow,
            command);
  }

  /** The plan that holds; null where nothing is to be replayed. */
  static @Nullable ShadowPlan plan(Command command, Scope scope) {
    ShadowPlan shadow = command.getShadow();
    if (!scope.anyRun()) {
      return RolloutStates.active(command.getState()) ? shadow : null;
    }
    return shadow != null
        ? shadow
        : ShadowPlan.newBuilder()
            .setSampleBasisPoints(0)
            .setMaxConcurrency(4)
            .setRequestsPerSecond(20)
            .setCandidates(
                command.getVariants().stream()
                    .filter(variant -> variant.getRole() == VariantRole.CANDIDATE)
                    .map(VariantTarget::getName)
                    .toList())
            .build();
  }

  private static @Nullable VariantTarget control(
      CapturedPayload payload, Command command, ShadowPlan shadow) {
    if (Draw.basisPoints("control", payload.getRequestId())
        >= shadow.getControlReplayBasisPoints()) {
      return null;
    }
    for (VariantTarget variant : command.getVariants()) {
      if (variant.getRole() == VariantRole.CONTROL) {
        return variant;
      }
    }
    return null;
  }
}
