package io.serin.router.http;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.router.feedback.OverrideToken;
import io.serin.router.feedback.OverrideTokens;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.Variant;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tester's token in a request: where it is, what it asks for, and why it is refused. One that
 * cannot be obeyed is never passed over in silence.
 */
final class Overrides {

  /** The header that carries a token; it comes before the cookie. */
  static final String HEADER = "x-serin-variant-token";

  /** The cookie that carries a token. */
  static final String COOKIE = "serin-variant";

  private Overrides() {}

  /**
   * The variant that the request's token asks for; null where it carries none.
   *
   * @throws OpenAiException with status 400 where it is no token, 403 where it may not be obeyed
   */
  static @Nullable Variant wanted(Loop loop, Rollout rollout, MultiMap headers) {
    String text = text(headers);
    return text == null ? null : variant(loop, rollout, token(loop.ids().overrides(), text));
  }

  /**
   * Refuses a token where nothing can obey it.
   *
   * @throws OpenAiException with status 400 where the request carries one
   */
  static void refuse(MultiMap headers) {
    if (text(headers) != null) {
      throw malformed("The token names a variant of a rollout, but no variant serves this path.");
    }
  }

  /** What the client is told whose variant was removed before it began to answer. */
  static OpenAiError removed(Variant variant) {
    return refused("The variant '" + variant.name() + "' was just taken out of traffic.");
  }

  /** The value of a "cookie" header without the token; null where nothing is left. */
  static @Nullable String withoutToken(String cookies) {
    List<String> left = new ArrayList<>();
    for (String pair : cookies.split(";", -1)) {
      if (!isToken(pair) && !pair.isBlank()) {
        left.add(pair.strip());
      }
    }
    return left.isEmpty() ? null : String.join("; ", left);
  }

  private static boolean isToken(String pair) {
    int equals = pair.indexOf('=');
    return (equals < 0 ? pair : pair.substring(0, equals)).strip().equals(COOKIE);
  }

  private static @Nullable String text(MultiMap headers) {
    List<String> tokens = headers.getAll(HEADER);
    if (tokens.isEmpty()) {
      tokens = ofCookies(headers);
    }
    if (tokens.size() > 1) {
      throw malformed("The request carries " + tokens.size() + " tokens, at most 1 is taken.");
    }
    return tokens.isEmpty() ? null : tokens.getFirst().strip();
  }

  private static List<String> ofCookies(MultiMap headers) {
    List<String> tokens = new ArrayList<>();
    for (String header : headers.getAll("cookie")) {
      for (String pair : header.split(";", -1)) {
        if (isToken(pair)) {
          tokens.add(pair.substring(pair.indexOf('=') + 1));
        }
      }
    }
    return tokens;
  }

  private static OverrideToken token(OverrideTokens tokens, String text) {
    Optional<OverrideToken> read;
    try {
      read = tokens.read(text);
    } catch (IllegalArgumentException e) {
      throw malformed("The variant token is malformed: serin rollout override makes them.");
    }
    return read.orElseThrow(
        () -> forbidden("The variant token is not signed by a key of this deployment."));
  }

  private static Variant variant(Loop loop, Rollout rollout, OverrideToken token) {
    if (!token.rollout().equals(rollout.name())) {
      throw forbidden(
          "The variant token is for the model '"
              + token.rollout()
              + "', the request is for '"
              + rollout.name()
              + "'.");
    }
    if (loop.epochMillis() >= token.expiresAt().toEpochMilli()) {
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
    Table table = loop.table();
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

  private static OpenAiException malformed(String message) {
    return new OpenAiException(
        OpenAiError.invalidRequest(message, HEADER, "invalid_variant_token"));
  }

  private static OpenAiException forbidden(String message) {
    return new OpenAiException(refused(message));
  }

  private static OpenAiError refused(String message) {
    return new OpenAiError(message, "invalid_request_error", HEADER, "variant_token_refused", 403);
  }
}
