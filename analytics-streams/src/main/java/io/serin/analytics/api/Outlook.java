package io.serin.analytics.api;

import io.serin.analytics.view.RolloutView;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What happens next with a rollout, in sentences for people. Pure. */
final class Outlook {
  private final RolloutView.Shown shown;
  private final Command command;
  private final @Nullable RolloutFile file;

  Outlook(RolloutView.Shown shown, Command command) {
    this.shown = shown;
    this.command = command;
    WantedRollout wanted = shown.wanted();
    this.file = wanted != null && wanted.getRun().equals(command.getRun()) ? shown.file() : null;
  }

  /** The file of the run that is served; null where it is not known. */
  @Nullable RolloutFile file() {
    return file;
  }

  /** When the stage was entered; null where that is longer ago than what is kept. */
  @Nullable Instant stageSince() {
    RolloutEvent entered = last(EventKind.STAGE_ENTERED);
    return entered == null || entered.getStage() != command.getStage() ? null : entered.getAt();
  }

  /** What happens next. */
  List<String> next(Instant now) {
    List<String> next = new ArrayList<>();
    switch (command.getState()) {
      case RUNNING -> running(next, now);
      case PAUSED -> next.add("paused: nothing moves until it is resumed");
      case FROZEN -> {
        next.add(
            "frozen: " + reason(EventKind.FROZEN) + "; it resumes by itself once that is over");
      }
      case ROLLED_BACK ->
          next.add(
              "control serves everybody, until a person applies a file: the same or a new one");
      case ABORTED -> next.add("control serves everybody, until a person applies a file");
      case PROMOTED ->
          next.add("control stays reachable for a rollback, until a person retires it");
      case RETIRED -> next.add("over: apply a file to begin a new run");
      case FAILED ->
          next.add(
              "control serves everybody: "
                  + reason(EventKind.FAILED)
                  + "; apply a corrected file, or roll back, abort or retire it");
      case UNKNOWN -> next.add("in a state that this version does not know");
    }
    unconfirmed(next);
    for (RolloutView.Seen router : shown.routers()) {
      if (router.ack().getLapsed().contains(shown.rollout())) {
        next.add(
            router.ack().getRouter()
                + " serves control alone: it did not hear from the controller for a lease");
      }
    }
    return next;
  }

  private void running(List<String> next, Instant now) {
    RolloutFile known = file;
    if (known == null || command.getStage() >= known.stages().size()) {
      return;
    }
    Stage stage = known.stages().get(command.getStage());
    String then =
        command.getStage() + 1 < known.stages().size()
            ? "stage " + known.stages().get(command.getStage() + 1).name()
            : stage.full()
                ? "the flip to the candidate"
                : "nothing: a person promotes or rolls back";
    Duration left = left(stage, now);
    if (left != null) {
      next.add(
          left.isPositive()
              ? "in " + text(left) + " at the earliest: " + then
              : "the stage has lasted as long as it was to; then: " + then);
    } else {
      next.add("after this stage: " + then);
    }
    RolloutEvent held = last(EventKind.HELD);
    RolloutEvent entered = last(EventKind.STAGE_ENTERED);
    if (held != null && entered != null && !held.getAt().isBefore(entered.getAt())) {
      next.add(held.getText());
    }
    for (Verdict verdict : shown.verdicts()) {
      Double more = verdict.getEvidence().get("moreRequests");
      if (more != null && more > 0 && verdict.getRun().equals(command.getRun())) {
        next.add(verdict.getMetric() + ": " + verdict.getText());
      }
    }
  }

  /**
   * Time that the stage still has to be watched: what the controller reported last, less what has
   * passed since. Pauses do not count. Null where the stage has no least.
   */
  private @Nullable Duration left(Stage stage, Instant now) {
    Duration length = stage.length();
    Instant from = stageSince();
    if (length == null) {
      return null;
    }
    for (Verdict verdict : shown.verdicts()) {
      Double more = verdict.getEvidence().get("moreTimeMillis");
      if (more != null
          && verdict.getRun().equals(command.getRun())
          && verdict.getStage() == command.getStage()
          && (from == null || !verdict.getAt().isBefore(from))) {
        length = Duration.ofMillis(more.longValue());
        from = verdict.getAt();
      }
    }
    RolloutEvent resumed = last(EventKind.RESUMED);
    if (from != null && resumed != null && resumed.getAt().isAfter(from)) {
      from = resumed.getAt();
    }
    return from == null ? null : length.minus(Duration.between(from, now));
  }

  private void unconfirmed(List<String> next) {
    if (command.getState() != RolloutState.ROLLED_BACK
        && command.getState() != RolloutState.ABORTED) {
      return;
    }
    RolloutEvent confirmed = last(EventKind.ROLLBACK_CONFIRMED);
    RolloutEvent open = last(EventKind.ROLLBACK_UNCONFIRMED);
    if (confirmed == null) {
      next.add(open == null ? "not yet acknowledged by every router" : open.getText());
    }
  }

  private String reason(EventKind kind) {
    RolloutEvent event = last(kind);
    return event == null
        ? command.getCause()
        : event.getDetails().getOrDefault("reason", event.getText());
  }

  private @Nullable RolloutEvent last(EventKind kind) {
    RolloutEvent last = null;
    for (RolloutEvent event : shown.events()) {
      if (event.getKind() == kind && event.getRun().equals(command.getRun())) {
        last = event;
      }
    }
    return last;
  }

  /** "3 d 4 h", "12 min", "40 s". */
  static String text(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%d s", seconds);
    }
    if (seconds < 2 * 3_600) {
      return String.format(Locale.ROOT, "%d min", seconds / 60);
    }
    if (seconds < 2 * 86_400) {
      return String.format(Locale.ROOT, "%d h %d min", seconds / 3_600, seconds / 60 % 60);
    }
    return String.format(Locale.ROOT, "%d d %d h", seconds / 86_400, seconds / 3_600 % 24);
  }
}
