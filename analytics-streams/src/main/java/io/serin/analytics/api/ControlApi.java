package io.serin.analytics.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.rollout.RolloutFile;
import io.serin.analytics.rollout.RolloutFileException;
import io.serin.analytics.rollout.RolloutFileReader;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.WantedRollout;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the control API answers, without HTTP: a request's method, path, body and headers in, a
 * status and JSON out. It acts on nothing itself; the controller does, once a file or an action is
 * on its topic. Thread-safe.
 */
final class ControlApi {
  private static final Duration ADOPTION = Duration.ofSeconds(3);
  private static final int MAX_TEXT = 1_000;

  /** The parts of a request that answers depend on; who and reason come from headers. */
  record Request(
      String method,
      List<String> path,
      String body,
      @Nullable String who,
      @Nullable String reason) {}

  /** An answer. */
  record Answer(int status, JsonNode body) {}

  private final RolloutView view;
  private final Wishes wishes;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final ObjectMapper mapper = new ObjectMapper();
  private final RolloutJson json = new RolloutJson(mapper);

  /**
   * @param ids gives an id that was never given before
   */
  ControlApi(RolloutView view, Wishes wishes, InstantSource clock, Supplier<String> ids) {
    this.view = view;
    this.wishes = wishes;
    this.clock = clock;
    this.ids = ids;
  }

  /** Answers a request under /v1/rollouts; the path is what follows it. */
  Answer answer(Request request) {
    try {
      return switch (request.path().size()) {
        case 0 -> {
          allow(request, "GET", "POST");
          yield request.method().equals("GET") ? list() : apply(request);
        }
        case 1 -> {
          allow(request, "GET");
          yield show(request.path().getFirst());
        }
        case 2 -> {
          if (!request.path().get(1).equals("actions")) {
            throw new ApiError(404, "there is no " + request.path().get(1) + " of a rollout");
          }
          allow(request, "POST");
          yield act(request.path().getFirst(), request);
        }
        default -> throw new ApiError(404, "there is nothing here");
      };
    } catch (ApiError e) {
      return error(e);
    }
  }

  private static void allow(Request request, String... methods) throws ApiError {
    if (!Arrays.asList(methods).contains(request.method())) {
      throw new ApiError(
          405, "method is " + request.method() + ": must be " + String.join(" or ", methods));
    }
  }

  private Answer list() {
    ObjectNode body = mapper.createObjectNode();
    ArrayNode rollouts = body.putArray("rollouts");
    for (RolloutView.Shown shown : view.all()) {
      Command command = shown.command();
      if (command != null) {
        rollouts.add(json.summary(command));
      }
    }
    return new Answer(200, body);
  }

  private Answer show(String name) throws ApiError {
    RolloutView.Shown shown = view.one(name);
    if (shown == null || shown.command() == null) {
      throw new ApiError(404, "rollout is " + name + ": none with this name is applied");
    }
    return new Answer(200, json.whole(shown, shown.command(), clock.millis()));
  }

  private Answer apply(Request request) throws ApiError {
    String who = who(request.who());
    RolloutFile file;
    try {
      file = RolloutFileReader.read(request.body());
    } catch (RolloutFileException e) {
      throw new ApiError(400, e.getMessage(), e.field(), e.line());
    }
    String run = ids.get();
    wishes.put(
        WantedRollout.newBuilder()
            .setRollout(file.rollout())
            .setRun(run)
            .setFile(request.body())
            .setAppliedBy(who)
            .setAppliedAt(clock.instant())
            .setReason(text("reason", request.reason()))
            .build());
    ObjectNode body = mapper.createObjectNode();
    body.put("rollout", file.rollout());
    body.put("run", run);
    Long revision = adopted(file.rollout(), run);
    if (revision != null) {
      body.put("revision", revision);
    }
    return new Answer(202, body);
  }

  /** Waits a little for the controller's command; it may come later. */
  private @Nullable Long adopted(String rollout, String run) {
    long deadline = System.nanoTime() + ADOPTION.toNanos();
    do {
      Command command = view.command(rollout);
      if (command != null && command.getRun().equals(run)) {
        return command.getRevision();
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    } while (System.nanoTime() - deadline < 0);
    return null;
  }

  private Answer act(String rollout, Request request) throws ApiError {
    JsonNode body;
    try {
      body = mapper.readTree(request.body());
    } catch (JsonProcessingException e) {
      throw new ApiError(400, "the body is not JSON: " + e.getOriginalMessage());
    }
    if (body == null || !body.isObject()) {
      throw new ApiError(400, "the body must be a JSON object with kind");
    }
    Command command = view.command(rollout);
    if (command == null) {
      throw new ApiError(404, "rollout is " + rollout + ": none with this name is applied");
    }
    Long expected = null;
    if (body.hasNonNull("expectedRevision")) {
      if (!body.get("expectedRevision").isIntegralNumber()) {
        throw new ApiError(400, "expectedRevision must be a whole number", "expectedRevision", 0);
      }
      expected = body.get("expectedRevision").asLong();
      if (expected < command.getRevision()) {
        throw new ApiError(
            409,
            "expectedRevision is " + expected + ": the rollout is at " + command.getRevision(),
            "expectedRevision",
            0);
      }
    }
    String key = string(body, "idempotencyKey");
    ActionRequest action =
        ActionRequest.newBuilder()
            .setRollout(rollout)
            .setKind(kind(string(body, "kind")))
            .setWho(who(body.hasNonNull("who") ? string(body, "who") : request.who()))
            .setReason(
                text(
                    "reason",
                    body.hasNonNull("reason") ? string(body, "reason") : request.reason()))
            .setAt(clock.instant())
            .setExpectedRevision(expected)
            .setIdempotencyKey(key == null ? ids.get() : key)
            .setVariant(string(body, "variant"))
            .build();
    wishes.put(action);
    ObjectNode answer = mapper.createObjectNode();
    answer.put("rollout", rollout);
    answer.put("kind", action.getKind().name());
    answer.put("idempotencyKey", action.getIdempotencyKey());
    answer.put("revision", command.getRevision());
    return new Answer(202, answer);
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
          throw new ApiError(
              400,
              "kind is "
                  + text
                  + ": must be one of pause, resume, promote, rollback, abort, retire, clear-trip",
              "kind",
              0);
    };
  }

  private static @Nullable String string(JsonNode body, String field) throws ApiError {
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new ApiError(400, field + " must be a text", field, 0);
    }
    return text(field, value.asText());
  }

  private static @Nullable String text(String field, @Nullable String value) throws ApiError {
    if (value != null && value.length() > MAX_TEXT) {
      throw new ApiError(
          400, field + " has " + value.length() + " characters: at most " + MAX_TEXT, field, 0);
    }
    return value;
  }

  private static String who(@Nullable String value) throws ApiError {
    String who = text("who", value);
    if (who == null || who.isBlank()) {
      throw new ApiError(
          400,
          "who is missing: say who asks, in the header x-serin-who or the field who",
          "who",
          0);
    }
    return who;
  }

  Answer error(ApiError e) {
    ObjectNode body = mapper.createObjectNode();
    ObjectNode error = body.putObject("error");
    error.put("message", e.getMessage());
    if (e.field() != null) {
      error.put("field", e.field());
    }
    if (e.line() > 0) {
      error.put("line", e.line());
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
