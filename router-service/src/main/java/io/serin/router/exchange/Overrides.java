package io.serin.router.exchange;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.router.feedback.OverrideToken;
import io.serin.router.feedback.OverrideTokens;
import io.serin.router.http.VariantTokens;
import io.serin.router.ports.RouterClock;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.Variant;
import io.vertx.core.MultiMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a tester's token asks for, and why it is refused. A token that cannot be obeyed is an error,
 * never ignored.
 */
public final class Overrides {

  private final OverrideTokens tokens;
  private final RouterClock clock;

  Overrides(OverrideTokens tokens, RouterClock clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * The variant that the request's token asks for; null where it carries none.
   *
   * @throws OpenAiException with status 400 where it is no token, 403 where it may not be obeyed
   */
  @Nullable Variant wanted(Table table, Rollout rollout, MultiMap headers) {
    String text = VariantTokens.text(headers);
    return text == null ? null : variant(table, rollout, token(text));
  }

  /** What the client is told whose variant was removed before it began to answer. */
  static OpenAiError removed(Variant variant) {
    return refused("The variant '" + variant.name() + "' was just taken out of traffic.");
  }

  private OverrideToken token(String text) {
    Optional<OverrideToken> read;
    try {
      read = tokens.read(text);
    } catch (IllegalArgumentException e) {
      throw VariantTokens.malformed(
          "The variant token is malformed: serin rollout override makes them.");
    }
    return read.orElseThrow(
        () -> forbidden("The variant token is not signed by a key of this deployment."));
  }

  private Variant variant(Table table, Rollout rollout, OverrideToken token) {
    if (!token.rollout().equals(rollout.name())) {
      throw forbidden(
          "The variant token is for the model '"
              + token.rollout()
              + "', the request is for '"
              + rollout.name()
              + "'.");
    }
    if (clock.epochMillis() >= token.expiresAt().toEpochMilli()) {
      throw forbidden("The variant token expired at " + token.expiresAt() + ".");
    }
    Variant variant = rollout.variants().get(token.variant());
    if (variant == null) {
      throw forbidden(
          "The variant token is for '"
              + token.variant()
              + "', which '"
              + rollout.name()
              + "' does not have or has retired.");
    }
    if (table.removed(rollout.name(), variant)) {
      throw forbidden(
          "The variant '" + variant.name() + "' is taken out of traffic on this router.");
    }
    if (!rollout.lendsToTesters(variant)) {
      throw forbidden(
          "The variant '"
              + variant.name()
              + "' has no share of the traffic, and is not the one candidate of a shadow stage: "
              + rollout.command().getCause()
              + ".");
    }
    return variant;
  }

  private static OpenAiException forbidden(String message) {
    return new OpenAiException(refused(message));
  }

  private static OpenAiError refused(String message) {
    return new OpenAiError(
        message, "invalid_request_error", VariantTokens.HEADER, "variant_token_refused", 403);
  }
}
