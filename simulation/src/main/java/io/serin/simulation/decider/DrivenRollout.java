package io.serin.simulation.decider;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Input;
import io.serin.analytics.controller.Output;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of a rollout under the {@link Decider} that ships, on a clock of its own. One router
 * obeys each command at once and sends a heartbeat each second; stages, gates, guards and reports
 * are the shipped ones. Not thread-safe.
 */
public final class DrivenRollout {
  private static final long SECOND = 1_000;

  /** A Sunday in 2026, milliseconds since the epoch; no figure depends on it. */
  private static final long START = 1_793_606_400_000L;

  /**
   * What a request measured.
   *
   * @param durationMicros until the whole answer; the latency that guards compare
   * @param completionTokens of the answer
   */
  public record Measured(
      Observation.End end, boolean refusal, long durationMicros, long completionTokens) {}

  private final Decider decider = new Decider("simulated");
  private final String[] variantOfSlot = new String[Split.SLOTS];
  private Output.@Nullable Command newest;
  private String standing = "";
  private String event = "";
  private long now = START;

  /**
   * Applies a rollout file, whose name must be "simulated".
   *
   * @throws IllegalArgumentException if the controller refuses it
   */
  public DrivenRollout(String file) {
    step(new Input.Applied(now, "run", file, "simulation", null));
    if (newest == null) {
      throw new IllegalArgumentException(event);
    }
  }

  /** True while the candidate may be served: neither rolled back nor promoted. */
  public boolean active() {
    return RolloutStates.active(order().phase());
  }

  public RolloutState phase() {
    return order().phase();
  }

  /** The requests that the controller announced an identical candidate to need; 0 before it did. */
  public long announcedRequests() {
    return decider.status().planned();
  }

  /** The newest sentence about where the candidate stands; empty before the first report. */
  public String standing() {
    return standing;
  }

  /** The variant that serves the units of this slot now. */
  public String variant(int slot) {
    return variantOfSlot[slot];
  }

  /**
   * One request that ends now.
   *
   * @param history of the unit in this run; new for a unit that was never seen
   */
  public void request(String unit, int slot, UnitHistory history, Measured measured) {
    Output.Command order = order();
    String variant = variantOfSlot[slot];
    UnitHistory.Seeing seeing =
        history.see(
            new UnitHistory.Request(
                order.revision(),
                order.split(),
                variant,
                order.stage(),
                now,
                measured.end(),
                measured.refusal(),
                false,
                null,
                measured.durationMicros(),
                null,
                measured.completionTokens(),
                null,
                null));
    if (seeing.news().tells()) {
      step(
          new Input.Observed(
              now,
              new Observation(
                  order.run(),
                  order.stage(),
                  unit,
                  variant,
                  now,
                  seeing.label().name(),
                  seeing.label().slots(),
                  order.split().weights(),
                  seeing.news(),
                  false,
                  measured.end(),
                  null,
                  measured.durationMicros(),
                  measured.completionTokens(),
                  measured.refusal(),
                  null)));
    }
  }

  /** Time passes: a heartbeat each second, and the clock wakes the controller where it is due. */
  public void pass(Duration time) {
    long until = now + time.toMillis();
    while (now < until) {
      now = Math.min(until, now / SECOND * SECOND + SECOND);
      if (now % SECOND == 0) {
        step(new Input.Heartbeat(now, "router", "first", order().revision(), Set.of()));
      }
      if (decider.due(now)) {
        step(new Input.Tick(now));
      }
    }
  }

  private Output.Command order() {
    if (newest == null) {
      throw new IllegalStateException("nothing was ordered");
    }
    return newest;
  }

  private void step(Input input) {
    for (Output output : decider.step(input)) {
      switch (output) {
        case Output.Command ordered -> obey(ordered);
        case Output.StageVerdict weighed -> standing = weighed.text();
        case Output.ControlOnly contained ->
            throw new IllegalStateException("the controller failed: " + contained.cause());
        case Output.Event told -> event = told.text();
        case Output.GuardVerdict judged -> {}
      }
    }
  }

  private void obey(Output.Command ordered) {
    newest = ordered;
    for (Split.Slice slice : ordered.split().slices()) {
      Arrays.fill(variantOfSlot, slice.from(), slice.to(), slice.variant());
    }
  }
}
