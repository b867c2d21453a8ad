package io.serin.router.capture;

import io.serin.rollout.assignment.Slots;
import io.serin.router.rollout.Rollout;
import io.serin.schemas.ShadowPlan;

/**
 * Which requests are captured for shadowing, and how much of each.
 *
 * @param maxBytes the router's own bound for a body or an answer's text
 */
public record CaptureSample(int maxBytes) {

  /** Whether a unit's requests belong to the sample. */
  public boolean has(Rollout rollout, String unit) {
    ShadowPlan shadow = rollout.command().getShadow();
    return shadow != null
        && Slots.sampled(rollout.command().getSalt(), unit, shadow.getSampleBasisPoints());
  }

  /** The largest body or answer that is captured: the plan's bound within the router's. */
  public int maxBytes(Rollout rollout) {
    ShadowPlan shadow = rollout.command().getShadow();
    int wanted = shadow == null ? 0 : shadow.getMaxCapturedBytes();
    return wanted <= 0 ? maxBytes : Math.min(wanted, maxBytes);
  }
}
