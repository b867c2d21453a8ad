package io.serin.analytics.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.view.RolloutView;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.json.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the control API answers, without HTTP: a request in, a status and JSON out. It acts on
 * nothing itself; the controller does, once a file or an action is on its topic. Thread-safe.
 */
final class ControlApi {
  private static final int LIST_LIMIT = 100;

  private static final int HISTORY_LIMIT = 100;

  private static final int EVIDENCE_LIMIT = 300;

  private static final int MOST = 1_000;

  /** Times at the end of stages come nearer although nothing happens. */
  private static final long STALE_MILLIS = 5_000;

  private static final long FRESH_MILLIS = 200;

  /**
   * The parts of a request that answers depend on.
   *
   * @param path percent-encoded, without the query
   * @param headers lower-case names
   */
  record Request(
      String method,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      String body) {
    @Nullable String header(String name) {
      String value = headers.get(name);
      return value == null || value.isBlank() ? null : value;
    }
  }

  /** The list at a version of the view. */
  private record Overview(long version, long at, Answer answer) {}

  /** An answer. */
  record Answer(int status, JsonNode body) {}

  private final RolloutView view;
  private final Rollouts rollouts;
  private final FileCalls files;
  private final ActionCalls actions;
  private final Tokens tokens;
  private final InstantSource clock;
  private final BooleanSupplier caughtUp;
  private @Nullable Overview overview;

  /**
   * @param caughtUp whether the view holds all that was on the topics at the start
   */
  ControlApi(
      RolloutView view,
      ActionLog log,
      Tokens tokens,
      InstantSource clock,
      Supplier<String> ids,
      BooleanSupplier caughtUp) {
    Changes changing = new Changes();
    this.view = view;
    this.rollouts = new Rollouts(view);
    this.files = new FileCalls(view, log, changing, clock, ids);
    this.actions = new ActionCalls(view, log, changing, clock, ids);
    this.tokens = tokens;
    this.clock = clock;
    this.caughtUp = caughtUp;
  }

  /** Answers a request. */
  Answer answer(Request request) {
    try {
      Route.Match match = Route.of(request.method(), request.path());
      Tokens.@Nullable Caller caller = allow(match.route().role(), request);
      if (match.route().role() != null && !caughtUp.getAsBoolean()) {
        throw new ApiError(503, "the control API is reading its topics; retry in a moment");
      }
      return switch (match.route()) {
        case OPENAPI -> new Answer(200, resource("openapi.json"));
        case FILE_SCHEMA -> new Answer(200, resource("rollout.schema.json"));
        case LIST -> list(limit(request, LIST_LIMIT), request.query().getOrDefault("after", ""));
        case WATCH_ALL -> overview();
        case APPLY -> files.apply(request, caller);
        case SHOW, WATCH -> show(match.name());
        case HISTORY -> history(match.name(), request);
        case EVIDENCE -> evidence(match.name(), request);
        case FILE -> file(match.name());
        case ACT -> actions.act(match.name(), request, caller);
        case DELETE -> actions.delete(match.name());
        case FREEZE -> actions.all(request, caller, ActionKind.PAUSE);
        case UNFREEZE -> actions.all(request, caller, ActionKind.RESUME);
        case VALIDATE -> files.validate(request);
        case DIFF -> files.diff(request);
        case ROUTERS -> new Answer(200, RolloutJson.routers(view.routers(), clock.instant()));
      };
    } catch (ApiError e) {
      return error(e);
    }
  }

  /** Who calls; null where no token is needed. */
  Tokens.@Nullable Caller allow(@Nullable Role needed, Request request) throws ApiError {
    if (needed == null || !tokens.needed()) {
      return null;
    }
    Tokens.Caller caller = tokens.caller(request.header("authorization"));
    if (caller == null) {
      throw new ApiError(
          401,
          request.header("authorization") == null
              ? "a token is needed: send the header Authorization: Bearer TOKEN"
              : "the token is not known");
    }
    if (!caller.role().may(needed)) {
      throw new ApiError(
          403,
          caller.who()
              + " is a "
              + caller.role().name().toLowerCase(Locale.ROOT)
              + ": this needs the role operator");
    }
    return caller;
  }

  /** The whole list, computed once for everybody who watches it. */
  private synchronized Answer overview() {
    long version = view.version();
    long now = clock.millis();
    Overview last = overview;
    if (last == null
        || now - last.at() > STALE_MILLIS
        || (version != last.version() && now - last.at() > FRESH_MILLIS)) {
      last = new Overview(version, now, list(MOST, ""));
      overview = last;
    }
    return last.answer();
  }

  private Answer list(int limit, String after) {
    List<RolloutView.Shown> all =
        view.all().stream().filter(shown -> shown.rollout().compareTo(after) > 0).toList();
    ObjectNode body = JsonText.object();
    ArrayNode names = body.putArray("rollouts");
    for (RolloutView.Shown shown : all.subList(0, Math.min(limit, all.size()))) {
      Command command = shown.command();
      if (command != null) {
        names.add(RolloutJson.row(shown, command, clock.instant()));
      }
    }
    ActionRequest freeze = view.freeze();
    if (freeze != null) {
      body.putObject("frozen")
          .put("who", freeze.getWho())
          .put("reason", freeze.getReason())
          .put("at", freeze.getAt().toString());
    }
    if (all.size() > limit) {
      body.put("next", all.get(limit - 1).rollout());
    }
    return new Answer(200, body);
  }

  private Answer show(String name) throws ApiError {
    RolloutView.Shown shown = rollouts.shown(name);
    return new Answer(200, RolloutJson.whole(shown, Rollouts.command(shown), clock.instant()));
  }

  private Answer history(String name, Request request) throws ApiError {
    String before = request.query().get("before");
    Instant time = null;
    if (before != null) {
      try {
        time = Instant.parse(before);
      } catch (DateTimeParseException e) {
        throw ApiError.of(400, "before", before, "must be a time such as 2026-11-02T08:00:00Z");
      }
    }
    return new Answer(
        200, RolloutHistory.page(rollouts.shown(name), time, limit(request, HISTORY_LIMIT)));
  }

  private Answer evidence(String name, Request request) throws ApiError {
    RolloutView.Shown shown = rollouts.shown(name);
    String run = Rollouts.command(shown).getRun();
    return new Answer(200, GuardPast.of(shown, run, limit(request, EVIDENCE_LIMIT)));
  }

  private Answer file(String name) throws ApiError {
    WantedRollout wanted = rollouts.shown(name).wanted();
    if (wanted == null) {
      throw ApiError.of(404, "rollout", name, "no file of it is known any more");
    }
    ObjectNode body = JsonText.object();
    body.put("rollout", name);
    body.put("run", wanted.getRun());
    body.put("appliedBy", wanted.getAppliedBy());
    body.put("appliedAt", wanted.getAppliedAt().toString());
    body.put("file", wanted.getFile());
    return new Answer(200, body);
  }

  private static int limit(Request request, int usual) throws ApiError {
    String text = request.query().get("limit");
    if (text == null) {
      return usual;
    }
    if (!text.matches("[1-9][0-9]{0,3}") || Integer.parseInt(text) > MOST) {
      throw ApiError.of(400, "limit", text, "must be a whole number from 1 to " + MOST);
    }
    return Integer.parseInt(text);
  }

  private JsonNode resource(String name) {
    try (InputStream in = ControlApi.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      return JsonText.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(name + " cannot be read", e);
    }
  }

  Answer error(ApiError e) {
    ObjectNode body = JsonText.object();
    ObjectNode error = body.putObject("error");
    error.put("status", e.status());
    error.put("message", e.getMessage());
    if (e.field() != null) {
      error.put("field", e.field());
    }
    if (e.line() > 0) {
      error.put("line", e.line());
    }
    if (e.value() != null) {
      error.put("value", e.value());
    }
    if (e.rule() != null) {
      error.put("rule", e.rule());
    }
    return new Answer(e.status(), body);
  }

  static byte[] write(JsonNode body) {
    return JsonText.line(body).getBytes(StandardCharsets.UTF_8);
  }
}
