package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
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
   */
  record Replay(
      List<VariantTarget> candidates,
      @Nullable VariantTarget control,
      ShadowPlan shadow,
      Command command)
      implements ReplayPlan {}

  /**
   * Ask nobody, and say why in the result.
   *
   * @param reason one of the reasons in the module's README
   */
  record Skip(String reason) implements ReplayPlan {}

  /** No command of the rollout is known. */
  String UNKNOWN_ROLLOUT = "unknown-rollout";

  /** Another run of the rollout has begun. */
  String OTHER_RUN = "run-over";

  /** The rollout wants no shadowing any more. */
  String NO_SHADOW = "no-shadow";

  /** Every candidate of the plan served the request itself, and control is not asked beside. */
  String SERVED_BY_CANDIDATE = "served-by-candidate";

  static ReplayPlan of(CapturedPayload payload, @Nullable Command command) {
    if (command == null) {
      return new Skip(UNKNOWN_ROLLOUT);
    }
    if (!command.getRun().equals(payload.getRun())) {
      return new Skip(OTHER_RUN);
    }
    ShadowPlan shadow = command.getShadow();
    if (shadow == null || over(command.getState())) {
      return new Skip(NO_SHADOW);
    }
    VariantTarget control = control(payload, command, shadow);
    List<VariantTarget> candidates = new ArrayList<>();
    boolean named = false;
    for (VariantTarget variant : command.getVariants()) {
      if (shadow.getCandidates().contains(variant.getName())) {
        named = true;
        if (control != null || !variant.getName().equals(payload.getServedVariant())) {
          candidates.add(variant);
        }
      }
    }
    if (!named) {
      return new Skip(NO_SHADOW);
    }
    return candidates.isEmpty()
        ? new Skip(SERVED_BY_CANDIDATE)
        : new Replay(List.copyOf(candidates), control, shadow, command);
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

  private static boolean over(RolloutState state) {
    return switch (state) {
      case RUNNING, PAUSED, FROZEN -> false;
      case ROLLED_BACK, PROMOTED, ABORTED, RETIRED, UNKNOWN -> true;
    };
  }
}
