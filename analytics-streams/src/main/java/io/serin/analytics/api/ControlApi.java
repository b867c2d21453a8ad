package io.serin.analytics.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.rollout.RolloutDiff;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.WantedRollout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the control API answers, without HTTP: a request in, a status and JSON out. It acts on
 * nothing itself; the controller does, once a file or an action is on its topic. Thread-safe.
 */
final class ControlApi {
  /** How long a change is waited for before it is answered as pending. */
  private static final long EFFECT_MILLIS = 3_000;

  private static final int MAX_TEXT = 1_000;
  private static final int LIST_LIMIT = 100;
  private static final int HISTORY_LIMIT = 100;
  private static final int MOST = 1_000;

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

  /** An answer. */
  record Answer(int status, JsonNode body) {}

  private final RolloutView view;
  private final Wishes wishes;
  private final Tokens tokens;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final ObjectMapper mapper = new ObjectMapper();
  private final RolloutJson json = new RolloutJson(mapper);

  /**
   * @param ids gives an id that was never given before
   */
  ControlApi(
      RolloutView view, Wishes wishes, Tokens tokens, InstantSource clock, Supplier<String> ids) {
    this.view = view;
    this.wishes = wishes;
    this.tokens = tokens;
    this.clock = clock;
    this.ids = ids;
  }

  /** Answers a request. */
  Answer answer(Request request) {
    try {
      Route.Match match = Route.of(request.method(), request.path());
      Tokens.@Nullable Caller caller = allow(match.route(), request);
      return switch (match.route()) {
        case OPENAPI -> new Answer(200, resource("openapi.json"));
        case FILE_SCHEMA -> new Answer(200, resource("rollout.schema.json"));
        case LIST -> list(request);
        case APPLY -> apply(request, caller);
        case SHOW, WATCH -> show(match.name());
        case HISTORY -> history(match.name(), request);
        case ACT -> act(match.name(), request, caller);
        case VALIDATE -> validate(request);
        case DIFF -> diff(request);
        case ROUTERS -> new Answer(200, json.routers(view.routers(), clock.instant()));
      };
    } catch (ApiError e) {
      return error(e);
    }
  }

  /** Who calls; null where no token is needed. */
  Tokens.@Nullable Caller allow(Route route, Request request) throws ApiError {
    Role needed = route.role();
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

  // --- what is looked at ---

  private Answer list(Request request) throws ApiError {
    int limit = limit(request, LIST_LIMIT);
    String after = request.query().getOrDefault("after", "");
    List<RolloutView.Shown> all =
        view.all().stream().filter(shown -> shown.rollout().compareTo(after) > 0).toList();
    ObjectNode body = mapper.createObjectNode();
    ArrayNode rollouts = body.putArray("rollouts");
    for (RolloutView.Shown shown : all.subList(0, Math.min(limit, all.size()))) {
      Command command = shown.command();
      if (command != null) {
        rollouts.add(json.summary(command));
      }
    }
    if (all.size() > limit) {
      body.put("next", all.get(limit - 1).rollout());
    }
    return new Answer(200, body);
  }

  private Answer show(String name) throws ApiError {
    RolloutView.Shown shown = shown(name);
    return new Answer(200, json.whole(shown, command(shown), clock.instant()));
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
        200, RolloutHistory.page(shown(name), json, time, limit(request, HISTORY_LIMIT)));
  }

  private RolloutView.Shown shown(String name) throws ApiError {
    RolloutView.Shown shown = view.one(name);
    if (shown == null || shown.command() == null) {
      throw ApiError.of(404, "rollout", name, "none with this name is applied");
    }
    return shown;
  }

  private static Command command(RolloutView.Shown shown) throws ApiError {
    Command command = shown.command();
    if (command == null) {
      throw ApiError.of(404, "rollout", shown.rollout(), "none with this name is applied");
    }
    return command;
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

  // --- files ---

  private static RolloutFile file(Request request) throws ApiError {
    try {
      return RolloutFileReader.read(request.body());
    } catch (RolloutFileException e) {
      throw ApiError.of(e);
    }
  }

  private Answer validate(Request request) throws ApiError {
    RolloutFile file = file(request);
    ObjectNode body = mapper.createObjectNode();
    body.put("valid", true);
    body.put("rollout", file.rollout());
    // Everything with its defaults, as it would be applied.
    ObjectNode fields = body.putObject("fields");
    RolloutDiff.shown(file).forEach(fields::put);
    return new Answer(200, body);
  }

  private Answer diff(Request request) throws ApiError {
    RolloutFile file = file(request);
    WantedRollout applied = applied(file.rollout());
    ObjectNode body = mapper.createObjectNode();
    body.put("rollout", file.rollout());
    body.put("run", applied == null ? null : applied.getRun());
    ArrayNode changes = body.putArray("changes");
    for (RolloutDiff.Change change : changes(applied, file)) {
      changes
          .addObject()
          .put("field", change.field())
          .put("before", change.before())
          .put("after", change.after());
    }
    return new Answer(200, body);
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

  private Answer apply(Request request, Tokens.@Nullable Caller caller) throws ApiError {
    String who = who(caller, request.header("x-serin-who"));
    String reason = text("reason", request.header("x-serin-reason"));
    String key = key(request.header("idempotency-key"));
    RolloutFile file = file(request);
    ActionRequest earlier = key == null ? null : withKey(file.rollout(), key);
    if (earlier != null) {
      if (earlier.getKind() != ActionKind.APPLY || earlier.getRun() == null) {
        throw ApiError.of(409, "idempotency-key", key, "was used for another action");
      }
      return appliedAs(file.rollout(), earlier.getRun(), true, List.of());
    }
    Command serving = view.command(file.rollout());
    expect(serving, expected(request.header("x-serin-expected-revision")));
    String run = ids.get();
    WantedRollout applied = applied(file.rollout());
    List<RolloutDiff.Change> changes = changes(applied, file);
    Instant now = clock.instant();
    wishes.put(
        WantedRollout.newBuilder()
            .setRollout(file.rollout())
            .setRun(run)
            .setFile(request.body())
            .setAppliedBy(who)
            .setAppliedAt(now)
            .setReason(reason)
            .build(),
        ActionRequest.newBuilder()
            .setRollout(file.rollout())
            .setKind(ActionKind.APPLY)
            .setWho(who)
            .setReason(reason)
            .setAt(now)
            .setIdempotencyKey(key == null ? run : key)
            .setRun(run)
            .setDiff(applied == null ? null : lines(changes))
            .build());
    return appliedAs(file.rollout(), run, false, applied == null ? List.of() : changes);
  }

  private static String lines(List<RolloutDiff.Change> changes) {
    return changes.stream().map(RolloutDiff.Change::toString).collect(Collectors.joining("\n"));
  }

  private Answer appliedAs(
      String rollout, String run, boolean repeated, List<RolloutDiff.Change> changes)
      throws ApiError {
    boolean done =
        view.await(
            rollout, shown -> serves(shown, run) || refusal(shown, run) != null, EFFECT_MILLIS);
    RolloutView.Shown shown = view.one(rollout);
    RolloutEvent refused = shown == null ? null : refusal(shown, run);
    if (refused != null) {
      throw new ApiError(409, refused.getText());
    }
    ObjectNode body = mapper.createObjectNode();
    body.put("rollout", rollout);
    body.put("run", run);
    body.put("outcome", done ? "done" : "pending");
    Command command = shown == null ? null : shown.command();
    if (command != null && command.getRun().equals(run)) {
      body.put("revision", command.getRevision());
    }
    if (repeated) {
      body.put("repeated", true);
    }
    ArrayNode changed = body.putArray("changes");
    changes.forEach(change -> changed.add(change.toString()));
    return new Answer(202, body);
  }

  private static boolean serves(RolloutView.Shown shown, String run) {
    Command command = shown.command();
    return command != null && command.getRun().equals(run);
  }

  // --- actions ---

  private Answer act(String rollout, Request request, Tokens.@Nullable Caller caller)
      throws ApiError {
    JsonNode body = object(request);
    Command command = command(shown(rollout));
    ActionKind kind = kind(string(body, "kind"));
    String who =
        who(caller, body.hasNonNull("who") ? string(body, "who") : request.header("x-serin-who"));
    String reason =
        body.hasNonNull("reason")
            ? string(body, "reason")
            : text("reason", request.header("x-serin-reason"));
    String key =
        key(
            body.hasNonNull("idempotencyKey")
                ? string(body, "idempotencyKey")
                : request.header("idempotency-key"));
    ActionRequest earlier = key == null ? null : withKey(rollout, key);
    if (earlier != null) {
      if (earlier.getKind() != kind) {
        throw ApiError.of(
            409, "idempotencyKey", key, "was used for " + earlier.getKind().name() + " before");
      }
      return effect(rollout, earlier, true);
    }
    Long expected = null;
    if (body.hasNonNull("expectedRevision")) {
      JsonNode given = body.get("expectedRevision");
      if (!given.isIntegralNumber()) {
        throw ApiError.of(400, "expectedRevision", given, "must be a whole number");
      }
      expected = given.asLong();
    } else {
      expected = expected(request.header("x-serin-expected-revision"));
    }
    expect(command, expected);
    ActionRequest action =
        ActionRequest.newBuilder()
            .setRollout(rollout)
            .setKind(kind)
            .setWho(who)
            .setReason(reason)
            .setAt(clock.instant())
            .setExpectedRevision(expected)
            .setIdempotencyKey(key == null ? ids.get() : key)
            .setVariant(string(body, "variant"))
            .build();
    wishes.put(action);
    return effect(rollout, action, false);
  }

  /** Waits a little for what the controller makes of it; it may come later. */
  private Answer effect(String rollout, ActionRequest action, boolean repeated) throws ApiError {
    String key = action.getIdempotencyKey();
    boolean done =
        view.await(
            rollout, shown -> obeyed(shown, key) || refusal(shown, key) != null, EFFECT_MILLIS);
    RolloutView.Shown shown = shown(rollout);
    RolloutEvent refused = refusal(shown, key);
    if (refused != null) {
      throw new ApiError(409, refused.getText());
    }
    ObjectNode answer = mapper.createObjectNode();
    answer.put("rollout", rollout);
    answer.put("kind", action.getKind().name());
    answer.put("idempotencyKey", key);
    answer.put("outcome", done ? "done" : "pending");
    answer.put("state", command(shown).getState().name());
    answer.put("revision", command(shown).getRevision());
    if (repeated) {
      answer.put("repeated", true);
    }
    return new Answer(202, answer);
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

  /** Why an action with this key, or a file of this run, was refused; null where it was not. */
  private static @Nullable RolloutEvent refusal(RolloutView.Shown shown, String key) {
    for (RolloutEvent event : shown.events()) {
      if (event.getKind() == EventKind.ACTION_REFUSED
          && (key.equals(event.getDetails().get("idempotencyKey"))
              || (event.getRun().equals(key)
                  && !event.getDetails().containsKey("idempotencyKey")))) {
        return event;
      }
    }
    return null;
  }

  private @Nullable ActionRequest withKey(String rollout, String key) {
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

  private static void expect(@Nullable Command serving, @Nullable Long expected) throws ApiError {
    long revision = serving == null ? 0 : serving.getRevision();
    if (expected != null && expected != revision) {
      throw ApiError.of(
          409, "expectedRevision", expected, "the rollout is at revision " + revision);
    }
  }

  private static @Nullable Long expected(@Nullable String header) throws ApiError {
    if (header == null) {
      return null;
    }
    if (!header.matches("[0-9]{1,18}")) {
      throw ApiError.of(400, "x-serin-expected-revision", header, "must be a whole number");
    }
    return Long.valueOf(header);
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

  // --- fields ---

  private JsonNode object(Request request) throws ApiError {
    JsonNode body;
    try {
      body = mapper.readTree(request.body());
    } catch (JsonProcessingException e) {
      throw new ApiError(400, "the body is not JSON: " + e.getOriginalMessage());
    }
    if (body == null || !body.isObject()) {
      throw new ApiError(400, "the body must be a JSON object with kind");
    }
    return body;
  }

  private static @Nullable String string(JsonNode body, String field) throws ApiError {
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw ApiError.of(400, field, value, "must be a text");
    }
    return text(field, value.asText());
  }

  private static @Nullable String text(String field, @Nullable String value) throws ApiError {
    if (value != null && value.length() > MAX_TEXT) {
      throw ApiError.of(
          400, field, value.length() + " characters long", "may have at most " + MAX_TEXT);
    }
    return value;
  }

  private static @Nullable String key(@Nullable String value) throws ApiError {
    if (value != null && !value.matches("[\\x21-\\x7e]{1,200}")) {
      throw ApiError.of(
          400,
          "idempotencyKey",
          value,
          "must be 1 to 200 letters, digits or signs, without blanks");
    }
    return value;
  }

  /** Whoever the token names; without tokens, whoever the caller says. */
  private static String who(Tokens.@Nullable Caller caller, @Nullable String said) throws ApiError {
    if (caller != null) {
      return caller.who();
    }
    String who = text("who", said);
    if (who == null || who.isBlank()) {
      throw ApiError.of(
          400, "who", null, "say who asks, in the header x-serin-who or the field who");
    }
    return who;
  }

  // --- answers ---

  private JsonNode resource(String name) {
    try (InputStream in = ControlApi.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      return mapper.readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(name + " cannot be read", e);
    }
  }

  Answer error(ApiError e) {
    ObjectNode body = mapper.createObjectNode();
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

  byte[] write(JsonNode body) {
    try {
      return mapper.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
