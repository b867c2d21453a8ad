package io.serin.analytics.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.json.JsonText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for a change, why, and on which condition: fields of the body, or headers.
 *
 * @param key idempotency key; null where the caller sent none
 * @param expected the revision that the rollout must still have; null for any
 */
record Asked(String who, @Nullable String reason, @Nullable String key, @Nullable Long expected) {

  /** From the headers alone. */
  static Asked of(ControlApi.Request request, Tokens.@Nullable Caller caller) throws ApiError {
    return of(request, caller, JsonText.object());
  }

  /** A field of the body takes precedence over the header of the same meaning. */
  static Asked of(ControlApi.Request request, Tokens.@Nullable Caller caller, JsonNode body)
      throws ApiError {
    String who =
        Fields.who(
            caller,
            body.hasNonNull("who") ? Fields.string(body, "who") : request.header("x-serin-who"));
    String reason =
        body.hasNonNull("reason")
            ? Fields.string(body, "reason")
            : Fields.text("reason", request.header("x-serin-reason"));
    String key =
        Fields.key(
            body.hasNonNull("idempotencyKey")
                ? Fields.string(body, "idempotencyKey")
                : request.header("idempotency-key"));
    Long expected = Fields.expected(request.header("x-serin-expected-revision"));
    if (body.hasNonNull("expectedRevision")) {
      JsonNode given = body.get("expectedRevision");
      if (!given.isIntegralNumber()) {
        throw ApiError.of(400, "expectedRevision", given, "must be a whole number");
      }
      expected = given.asLong();
    }
    return new Asked(who, reason, key, expected);
  }

  /**
   * The record of what is asked for.
   *
   * @param spare the idempotency key where the caller sent none
   */
  ActionRequest.Builder action(String rollout, ActionKind kind, Instant at, String spare) {
    return ActionRequest.newBuilder()
        .setRollout(rollout)
        .setKind(kind)
        .setWho(who)
        .setReason(reason)
        .setAt(at)
        .setExpectedRevision(expected)
        .setIdempotencyKey(key == null ? spare : key);
  }
}
