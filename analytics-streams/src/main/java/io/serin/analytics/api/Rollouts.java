package io.serin.analytics.api;

import io.serin.analytics.view.RolloutView;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import org.jspecify.annotations.Nullable;

/** Finds rollouts, and what became of a change, in the view. Thread-safe. */
final class Rollouts {
  /** How long a change is waited for before it is answered as pending. */
  static final long EFFECT_MILLIS = 3_000;

  private final RolloutView view;

  Rollouts(RolloutView view) {
    this.view = view;
  }

  RolloutView.Shown shown(String name) throws ApiError {
    RolloutView.Shown shown = view.one(name);
    if (shown == null || shown.command() == null) {
      throw ApiError.of(404, "rollout", name, "none with this name is applied");
    }
    return shown;
  }

  static Command command(RolloutView.Shown shown) throws ApiError {
    Command command = shown.command();
    if (command == null) {
      throw ApiError.of(404, "rollout", shown.rollout(), "none with this name is applied");
    }
    return command;
  }

  /** Why an action with this key, or a file of this run, was refused; null where it was not. */
  static @Nullable RolloutEvent refusal(RolloutView.Shown shown, String key) {
    for (RolloutEvent event : shown.events()) {
      if (event.getKind() == EventKind.FAILED && event.getRun().equals(key)) {
        return event;
      }
      if (event.getKind() == EventKind.ACTION_REFUSED
          && (key.equals(event.getDetails().get("idempotencyKey"))
              || (event.getRun().equals(key)
                  && !event.getDetails().containsKey("idempotencyKey")))) {
        return event;
      }
    }
    return null;
  }

  @Nullable ActionRequest withKey(String rollout, String key) {
    RolloutView.Shown shown = view.one(rollout);
    if (shown != null) {
      for (ActionRequest action : shown.actions()) {
        if (action.getIdempotencyKey().equals(key)) {
          return action;
        }
      }
    }
    return null;
  }

  static void expect(@Nullable Command serving, @Nullable Long expected) throws ApiError {
    long revision = serving == null ? 0 : serving.getRevision();
    if (expected != null && expected != revision) {
      throw ApiError.of(
          409, "expectedRevision", expected, "the rollout is at revision " + revision);
    }
  }
}
