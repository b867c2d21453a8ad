package io.serin.analytics.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.view.RolloutView;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.json.JsonText;
import io.serin.schemas.topics.Topics;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers what people ask of a rollout, or of all. Thread-safe. */
final class ActionCalls {
  /** Idempotency keys of a freeze of all rollouts begin so. */
  private static final String FREEZE_KEY = "freeze-all-";

  private static final Set<String> ACTION_FIELDS =
      new TreeSet<>(
          Set.of("kind", "who", "reason", "idempotencyKey", "expectedRevision", "variant"));

  /** Actions that may name one candidate; all others concern the whole rollout. */
  private static final Set<ActionKind> VARIANT_ACTIONS =
      Set.of(ActionKind.PROMOTE, ActionKind.ROLLBACK, ActionKind.CLEAR_TRIP);

  private final RolloutView view;
  private final Rollouts rollouts;
  private final ActionLog log;
  private final Changes changing;
  private final InstantSource clock;
  private final Supplier<String> ids;

  ActionCalls(
      RolloutView view,
      ActionLog log,
      Changes changing,
      InstantSource clock,
      Supplier<String> ids) {
    this.view = view;
    this.rollouts = new Rollouts(view);
    this.log = log;
    this.changing = changing;
    this.clock = clock;
    this.ids = ids;
  }

  ControlApi.Answer act(String rollout, ControlApi.Request request, Tokens.@Nullable Caller caller)
      throws ApiError {
    JsonNode body = Fields.object(request);
    for (String field : (Iterable<String>) body::fieldNames) {
      if (!ACTION_FIELDS.contains(field)) {
        throw ApiError.of(
            400, field, body.get(field), "unknown field; an action has " + ACTION_FIELDS);
      }
    }
    Command command = Rollouts.command(rollouts.shown(rollout));
    ActionKind kind = kind(Fields.string(body, "kind"));
    String variant = Fields.string(body, "variant");
    if (variant != null && !VARIANT_ACTIONS.contains(kind)) {
      throw ApiError.of(
          400,
          "variant",
          variant,
          word(kind) + " acts on the whole rollout; leave out the variant");
    }
    Asked asked = Asked.of(request, caller, body);
    String key = asked.key();
    ActionRequest action =
        asked.action(rollout, kind, clock.instant(), ids.get()).setVariant(variant).build();
    ActionRequest earlier;
    synchronized (changing.of(rollout)) {
      earlier = key == null ? null : rollouts.withKey(rollout, key);
      if (earlier == null) {
        Rollouts.expect(command, asked.expected());
        put(action);
      }
    }
    if (earlier != null && earlier.getKind() != kind) {
      throw ApiError.of(
          409, "idempotencyKey", key, "was used for " + earlier.getKind().name() + " before");
    }
    return effect(rollout, earlier == null ? action : earlier, earlier != null);
  }

  private void put(ActionRequest action) throws ApiError {
    log.put(action);
    view.add(action.getRollout(), action, action.getAt().toEpochMilli());
  }

  /**
   * Pauses every rollout that moves, and those that are applied from now on; or resumes those that
   * a freeze has paused.
   */
  ControlApi.Answer all(ControlApi.Request request, Tokens.@Nullable Caller caller, ActionKind kind)
      throws ApiError {
    Asked asked = Asked.of(request, caller);
    String key = FREEZE_KEY + ids.get();
    Asked freeze = new Asked(asked.who(), asked.reason(), key, null);
    ObjectNode answer = JsonText.object();
    answer.put("kind", word(kind));
    ArrayNode names = answer.putArray("rollouts");
    put(freeze.action(Topics.ALL_ROLLOUTS, kind, clock.instant(), key).build());
    for (RolloutView.Shown shown : view.all()) {
      Command command = Rollouts.command(shown);
      if (!concerns(kind, command)) {
        continue;
      }
      put(freeze.action(shown.rollout(), kind, clock.instant(), key).build());
      names.add(shown.rollout());
    }
    return new ControlApi.Answer(202, answer);
  }

  private static boolean concerns(ActionKind kind, Command command) {
    return switch (command.getState()) {
      case RUNNING, FROZEN -> kind == ActionKind.PAUSE;
      case PAUSED ->
          kind == ActionKind.RESUME
              && command.getCauseId() != null
              && command.getCauseId().startsWith(FREEZE_KEY);
      case UNKNOWN, ROLLED_BACK, PROMOTED, ABORTED, RETIRED, FAILED -> false;
    };
  }

  /** Forgets a retired rollout; what was asked and what happened stays on its topics. */
  ControlApi.Answer delete(String rollout) throws ApiError {
    Command command = Rollouts.command(rollouts.shown(rollout));
    if (command.getState() != RolloutState.RETIRED) {
      throw new ApiError(
          409, rollout + " is " + command.getState() + "; retire it before it is deleted");
    }
    log.delete(rollout);
    view.delete(rollout);
    ObjectNode answer = JsonText.object();
    answer.put("rollout", rollout);
    answer.put("outcome", "deleted");
    return new ControlApi.Answer(200, answer);
  }

  /** Waits a little for what the controller makes of it; it may come later. */
  private ControlApi.Answer effect(String rollout, ActionRequest action, boolean repeated)
      throws ApiError {
    String key = action.getIdempotencyKey();
    boolean done =
        view.await(
            rollout,
            shown -> obeyed(shown, key) || Rollouts.refusal(shown, key) != null,
            Rollouts.EFFECT_MILLIS);
    RolloutView.Shown shown = rollouts.shown(rollout);
    RolloutEvent refused = Rollouts.refusal(shown, key);
    if (refused != null) {
      throw new ApiError(409, refused.getText());
    }
    ObjectNode answer = JsonText.object();
    answer.put("rollout", rollout);
    answer.put("kind", action.getKind().name());
    answer.put("idempotencyKey", key);
    answer.put("outcome", done ? "done" : "pending");
    answer.put("state", Rollouts.command(shown).getState().name());
    answer.put("revision", Rollouts.command(shown).getRevision());
    if (repeated) {
      answer.put("repeated", true);
    }
    return new ControlApi.Answer(202, answer);
  }

  private static boolean obeyed(RolloutView.Shown shown, String key) {
    Command command = shown.command();
    return (command != null && key.equals(command.getCauseId()))
        || shown.events().stream()
            .anyMatch(
                event ->
                    key.equals(event.getDetails().get("idempotencyKey"))
                        && command != null
                        && command.getRevision() >= event.getRevision());
  }

  private static String word(ActionKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static ActionKind kind(@Nullable String text) throws ApiError {
    return switch (text == null ? "" : text.toLowerCase(Locale.ROOT).replace('_', '-')) {
      case "pause" -> ActionKind.PAUSE;
      case "resume" -> ActionKind.RESUME;
      case "promote" -> ActionKind.PROMOTE;
      case "rollback" -> ActionKind.ROLLBACK;
      case "abort" -> ActionKind.ABORT;
      case "retire" -> ActionKind.RETIRE;
      case "clear-trip" -> ActionKind.CLEAR_TRIP;
      default ->
          throw ApiError.of(
              400,
              "kind",
              text,
              "must be one of pause, resume, promote, rollback, abort, retire, clear-trip");
    };
  }
}
