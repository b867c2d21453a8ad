package io.serin.simulation.decider;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Input;
import io.serin.analytics.controller.Output;
import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.Decision;
import io.serin.schemas.EventId;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
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
   * @param ttftMicros until the first token of a streamed answer; null: the answer is not streamed
   * @param durationMicros until the whole answer
   * @param completionTokens of the answer
   * @param cachedTokens of the prompt; null where they are not reported
   */
  public record Measured(
      Observation.End end,
      boolean refusal,
      @Nullable Long ttftMicros,
      long durationMicros,
      long completionTokens,
      @Nullable Long cachedTokens) {
    /** Of a server that neither streams nor reports cached tokens. */
    public Measured(
        Observation.End end, boolean refusal, long durationMicros, long completionTokens) {
      this(end, refusal, null, durationMicros, completionTokens, null);
    }
  }

  /** A request under way: it belongs to the command under which it was assigned. */
  public static final class Begun {
    private final Output.Command order;
    private final String unit;
    private final String variant;
    private final String id;
    private final long at;

    private Begun(Output.Command order, String unit, String variant, String id, long at) {
      this.order = order;
      this.unit = unit;
      this.variant = variant;
      this.id = id;
      this.at = at;
    }
  }

  private final Decider decider = new Decider("simulated");
  private final String[] variantOfSlot = new String[Split.SLOTS];
  private Output.@Nullable Command newest;
  private String standing = "";
  private String event = "";
  private String firedBy = "";
  private final Map<EventKind, Integer> events = new EnumMap<>(EventKind.class);
  private final long wakes;
  private long now = START;
  private long requests;

  /**
   * Applies a rollout file, whose name must be "simulated"; the clock wakes the controller each
   * second.
   *
   * @throws IllegalArgumentException if the controller refuses it
   */
  public DrivenRollout(String file) {
    this(file, Duration.ofMillis(SECOND));
  }

  /**
   * Applies a rollout file, whose name must be "simulated".
   *
   * @param wakes how often the clock wakes the controller, and a router is heard: longer for runs
   *     of days
   * @throws IllegalArgumentException if the controller refuses it
   */
  public DrivenRollout(String file, Duration wakes) {
    this.wakes = wakes.toMillis();
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

  /** Metric of the guard that rolled back; empty where none did. */
  public String firedBy() {
    return firedBy;
  }

  /** How many events of a kind people were told. */
  public int told(EventKind kind) {
    return events.getOrDefault(kind, 0);
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
   * One request that begins and ends now.
   *
   * @param history of the unit in this run; new for a unit that was never seen
   */
  public void request(String unit, int slot, UnitHistory history, Measured measured) {
    end(begin(unit, slot), history, measured);
  }

  /** A request begins now. */
  public Begun begin(String unit, int slot) {
    return new Begun(order(), unit, variantOfSlot[slot], "request-" + ++requests, now);
  }

  /**
   * The router says now that a request is still running.
   *
   * @param history of the unit in this run, which its end is told too
   * @param end what it will measure
   */
  public void running(Begun begun, UnitHistory history, Duration waited, Measured end) {
    long micros = waited.toNanos() / 1_000;
    Long ttft = end.ttftMicros();
    Long known = ttft == null || ttft > micros ? null : ttft;
    hear(
        begun,
        history,
        ttft != null,
        new Measured(Observation.End.RUNNING, false, known, micros, 0, null));
  }

  /**
   * A request ends now.
   *
   * @param history of the unit in this run; new for a unit that was never seen
   */
  public void end(Begun begun, UnitHistory history, Measured measured) {
    hear(begun, history, measured.ttftMicros() != null, measured);
  }

  private void hear(Begun begun, UnitHistory history, boolean streamed, Measured measured) {
    Output.Command order = begun.order;
    UnitHistory.Seeing seeing =
        history.see(
            new UnitHistory.Request(
                order.revision(),
                order.split(),
                begun.variant,
                order.stage(),
                now,
                measured.end(),
                measured.refusal(),
                streamed,
                measured.ttftMicros(),
                measured.durationMicros(),
                null,
                measured.completionTokens(),
                measured.cachedTokens(),
                null),
            begun.id,
            Math.min(begun.at, now - measured.durationMicros() / 1_000));
    if (seeing.news().tells()) {
      step(
          new Input.Observed(
              now,
              new Observation(
                  order.run(),
                  order.stage(),
                  begun.unit,
                  begun.variant,
                  now,
                  seeing.label().name(),
                  seeing.label().slots(),
                  order.split().weights(),
                  seeing.news(),
                  streamed,
                  measured.end(),
                  measured.ttftMicros(),
                  measured.durationMicros(),
                  measured.completionTokens(),
                  measured.refusal(),
                  measured.cachedTokens(),
                  seeing.progress())));
    }
  }

  /** The answer to a request that has ended is rated now. */
  public void rate(Begun begun, UnitHistory history, boolean bad) {
    Output.Command order = begun.order;
    history
        .rate(
            new UnitHistory.Rating(
                order.stage(), begun.variant, now, bad, new EventId("simulated", 0, 0L)))
        .ifPresent(
            seen ->
                step(
                    new Input.Rating(
                        now,
                        new FirstRating(
                            order.run(),
                            order.stage(),
                            begun.unit,
                            begun.variant,
                            now,
                            seen.label().name(),
                            seen.label().slots(),
                            bad))));
  }

  /** Time passes: the router is heard and the controller woken where it is due. */
  public void pass(Duration time) {
    passUntil(now - START + time.toMillis());
  }

  /**
   * Time passes.
   *
   * @param elapsed milliseconds since the file was applied
   */
  public void passUntil(long elapsed) {
    long until = START + elapsed;
    while (now < until) {
      now = Math.min(until, now / wakes * wakes + wakes);
      if (now % wakes == 0) {
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
        case Output.Event told -> {
          event = told.text();
          events.merge(told.kind(), 1, Integer::sum);
        }
        case Output.GuardVerdict judged -> {
          if (judged.decision() == Decision.ROLLBACK) {
            firedBy = judged.finding().guard().metric().text();
          }
        }
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
