package io.serin.analytics.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.view.RolloutView;
import io.serin.rollout.RolloutDiff;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutStates;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.json.JsonText;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers what concerns a file: validate, diff, apply. Thread-safe. */
final class FileCalls {
  private final RolloutView view;
  private final Rollouts rollouts;
  private final ActionLog log;
  private final Changes changing;
  private final InstantSource clock;
  private final Supplier<String> ids;

  FileCalls(
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

  private static RolloutFile file(ControlApi.Request request) throws ApiError {
    try {
      return RolloutFileReader.read(request.body());
    } catch (RolloutFileException e) {
      throw ApiError.of(e);
    }
  }

  ControlApi.Answer validate(ControlApi.Request request) throws ApiError {
    RolloutFile file = file(request);
    ObjectNode body = JsonText.object();
    body.put("valid", true);
    body.put("rollout", file.rollout());
    // Everything with its defaults, as it would be applied.
    ObjectNode fields = body.putObject("fields");
    RolloutDiff.shown(file).forEach(fields::put);
    return new ControlApi.Answer(200, body);
  }

  ControlApi.Answer diff(ControlApi.Request request) throws ApiError {
    RolloutFile file = file(request);
    WantedRollout applied = applied(file.rollout());
    ObjectNode body = JsonText.object();
    body.put("rollout", file.rollout());
    body.put("run", applied == null ? null : applied.getRun());
    ArrayNode changes = body.putArray("changes");
    List<RolloutDiff.Change> differences = changes(applied, file);
    Command serving = view.command(file.rollout());
    if (serving != null && stands(serving, applied) && !differences.isEmpty()) {
      body.put("effect", StartOver.effect(serving, file));
    }
    for (RolloutDiff.Change change : differences) {
      changes
          .addObject()
          .put("field", change.field())
          .put("before", change.before())
          .put("after", change.after());
    }
    return new ControlApi.Answer(200, body);
  }

  private @Nullable WantedRollout applied(String rollout) {
    RolloutView.Shown shown = view.one(rollout);
    return shown == null ? null : shown.wanted();
  }

  private static List<RolloutDiff.Change> changes(
      @Nullable WantedRollout applied, RolloutFile file) {
    RolloutFile before = null;
    if (applied != null) {
      try {
        before = RolloutFileReader.read(applied.getFile());
      } catch (RolloutFileException e) {
        before = null; // Accepted by another version of Serin: everything counts as new.
      }
    }
    return RolloutDiff.between(before, file);
  }

  ControlApi.Answer apply(ControlApi.Request request, Tokens.@Nullable Caller caller)
      throws ApiError {
    Asked asked = Asked.of(request, caller);
    RolloutFile file = file(request);
    Put put;
    synchronized (changing.of(file.rollout())) {
      put = put(request, file, asked);
    }
    if (put.unchanged()) {
      return unchanged(file.rollout());
    }
    return appliedAs(file.rollout(), put, asked.expected());
  }

  /** What became of a file: the run that it began or had begun. */
  private record Put(
      String run,
      boolean repeated,
      boolean unchanged,
      boolean frozen,
      List<RolloutDiff.Change> changes) {}

  private Put put(ControlApi.Request request, RolloutFile file, Asked asked) throws ApiError {
    String key = asked.key();
    Long expected = asked.expected();
    ActionRequest earlier = key == null ? null : rollouts.withKey(file.rollout(), key);
    if (earlier != null) {
      if (earlier.getKind() != ActionKind.APPLY || earlier.getRun() == null) {
        throw ApiError.of(409, "idempotency-key", key, "was used for another action");
      }
      return new Put(earlier.getRun(), true, false, false, List.of());
    }
    Command serving = view.command(file.rollout());
    Rollouts.expect(serving, expected);
    WantedRollout applied = applied(file.rollout());
    List<RolloutDiff.Change> changes = changes(applied, file);
    boolean restarts = restarts(request);
    if (applied != null && serving != null && stands(serving, applied) && !restarts) {
      if (changes.isEmpty()) {
        return new Put(applied.getRun(), false, true, false, List.of());
      }
      throw new ApiError(
          409,
          StartOver.effect(serving, file)
              + "; confirm with restart=true (serin rollout apply --restart)",
          "restart",
          0);
    }
    ActionRequest freeze = view.freeze();
    String run = ids.get();
    Instant now = clock.instant();
    WantedRollout wanted =
        WantedRollout.newBuilder()
            .setRollout(file.rollout())
            .setRun(run)
            .setFile(request.body())
            .setAppliedBy(asked.who())
            .setAppliedAt(now)
            .setReason(asked.reason())
            .setFrozenBy(freeze == null ? null : freeze.getIdempotencyKey())
            .build();
    ApplySize.check(file, wanted, applied);
    ActionRequest audit =
        new Asked(asked.who(), asked.reason(), key, null)
            .action(file.rollout(), ActionKind.APPLY, now, run)
            .setRun(run)
            .setDiff(applied == null ? null : lines(changes))
            .build();
    changing.claim(file.rollout(), expected);
    try {
      log.put(wanted, audit);
    } catch (ApiError e) {
      changing.release(file.rollout(), expected);
      throw e;
    }
    view.add(file.rollout(), audit, now.toEpochMilli());
    return new Put(run, false, false, freeze != null, applied == null ? List.of() : changes);
  }

  /** Whether the applied file still decides: its run is not over. */
  private static boolean stands(Command serving, @Nullable WantedRollout applied) {
    return applied != null
        && serving.getRun().equals(applied.getRun())
        && RolloutStates.stands(serving.getState());
  }

  private static boolean restarts(ControlApi.Request request) throws ApiError {
    String restart = request.query().getOrDefault("restart", "false");
    if (!restart.equals("true") && !restart.equals("false")) {
      throw ApiError.of(400, "restart", restart, "must be true or false");
    }
    return restart.equals("true");
  }

  /** The same file as the one that decides already: nothing was done. */
  private ControlApi.Answer unchanged(String rollout) throws ApiError {
    Command command = Rollouts.command(rollouts.shown(rollout));
    ObjectNode body = JsonText.object();
    body.put("rollout", rollout);
    body.put("run", command.getRun());
    body.put("outcome", "unchanged");
    body.put("revision", command.getRevision());
    body.putArray("changes");
    return new ControlApi.Answer(202, body);
  }

  private static String lines(List<RolloutDiff.Change> changes) {
    return changes.stream().map(RolloutDiff.Change::toString).collect(Collectors.joining("\n"));
  }

  private ControlApi.Answer appliedAs(String rollout, Put put, @Nullable Long expected)
      throws ApiError {
    String run = put.run();
    boolean done =
        view.await(
            rollout,
            shown -> serves(shown, run) || Rollouts.refusal(shown, run) != null,
            Rollouts.EFFECT_MILLIS);
    RolloutView.Shown shown = view.one(rollout);
    RolloutEvent refused = shown == null ? null : Rollouts.refusal(shown, run);
    if (refused != null) {
      changing.release(rollout, expected);
      throw new ApiError(409, refused.getText());
    }
    ObjectNode body = JsonText.object();
    body.put("rollout", rollout);
    body.put("run", run);
    body.put("outcome", done ? "done" : "pending");
    Command command = shown == null ? null : shown.command();
    if (command != null && command.getRun().equals(run)) {
      body.put("revision", command.getRevision());
    }
    if (put.repeated()) {
      body.put("repeated", true);
    }
    if (put.frozen()) {
      body.put("frozen", true);
    }
    ArrayNode changed = body.putArray("changes");
    put.changes().forEach(change -> changed.add(change.toString()));
    return new ControlApi.Answer(202, body);
  }

  private static boolean serves(RolloutView.Shown shown, String run) {
    Command command = shown.command();
    return command != null && command.getRun().equals(run);
  }
}
