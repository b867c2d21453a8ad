package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.Waiting;
import java.util.Locale;
import java.util.Set;

/** What {@code serin rollout wait} waits for. Pure. */
final class Goal {

  /** How far a rollout is from a goal. */
  enum Distance {
    REACHED,
    AHEAD,
    /** It cannot be reached any more in this run. */
    MISSED
  }

  static final String RULE =
      "must be promoted, rolled-back, confirmed, aborted, retired, paused, frozen, served or"
          + " stage=NAME";

  private static final Set<String> STATES =
      Set.of("promoted", "rolled-back", "aborted", "retired", "paused", "frozen");

  private final String what;
  private final String stage;

  private Goal(String what, String stage) {
    this.what = what;
    this.stage = stage;
  }

  /**
   * Reads a goal.
   *
   * @throws IllegalArgumentException naming the rule
   */
  static Goal parse(String text) {
    if (text.startsWith("stage=") && text.length() > "stage=".length()) {
      return new Goal("stage", text.substring("stage=".length()));
    }
    if (STATES.contains(text) || text.equals("confirmed") || text.equals("served")) {
      return new Goal(text, "");
    }
    throw new IllegalArgumentException("\"" + text + "\": it " + RULE);
  }

  Distance from(JsonNode rollout) {
    String state = rollout.path("state").asText().toLowerCase(Locale.ROOT).replace('_', '-');
    boolean over = Set.of("promoted", "rolled-back", "aborted", "retired").contains(state);
    return switch (what) {
      case "served" -> Waiting.serves(rollout, 1) ? Distance.REACHED : Distance.AHEAD;
      case "confirmed" -> confirmed(rollout, state, over);
      case "stage" -> stage(rollout, state, over);
      default -> {
        if (state.equals(what)) {
          yield Distance.REACHED;
        }
        // Only these can follow an end: a promoted run may be rolled back, any be retired.
        boolean possible =
            !over
                || (state.equals("promoted") && what.equals("rolled-back"))
                || (!state.equals("retired") && what.equals("retired"));
        yield possible ? Distance.AHEAD : Distance.MISSED;
      }
    };
  }

  private static Distance confirmed(JsonNode rollout, String state, boolean over) {
    if (!state.equals("rolled-back") && !state.equals("aborted")) {
      return over && !state.equals("promoted") ? Distance.MISSED : Distance.AHEAD;
    }
    for (JsonNode event : rollout.path("events")) {
      if (event.path("kind").asText().equals("ROLLBACK_CONFIRMED")
          && event.path("revision").asLong() >= rollout.path("revision").asLong()) {
        return Distance.REACHED;
      }
    }
    return Distance.AHEAD;
  }

  private Distance stage(JsonNode rollout, String state, boolean over) {
    int wanted = -1;
    JsonNode stages = rollout.path("stages");
    for (int i = 0; i < stages.size(); i++) {
      if (stages.get(i).path("name").asText().equals(stage)) {
        wanted = i;
      }
    }
    boolean there = rollout.path("stageName").asText().equals(stage);
    if (state.equals("promoted")
        || (!over && (there || (wanted >= 0 && rollout.path("stage").asInt() > wanted)))) {
      return Distance.REACHED;
    }
    return over || (wanted < 0 && !stages.isEmpty()) ? Distance.MISSED : Distance.AHEAD;
  }
}
