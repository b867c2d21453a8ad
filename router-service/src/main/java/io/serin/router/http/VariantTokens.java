package io.serin.router.http;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a request carries a tester's token: in a header of its own or in a cookie. */
public final class VariantTokens {

  /** The header that carries a token; it comes before the cookie. */
  public static final String HEADER = "x-serin-variant-token";

  /** The cookie that carries a token. */
  public static final String COOKIE = "serin-variant";

  private VariantTokens() {}

  /**
   * Refuses a token where nothing can obey it.
   *
   * @throws OpenAiException with status 400 where the request carries one
   */
  public static void refuse(MultiMap headers) {
    if (text(headers) != null) {
      throw malformed("The token names a variant of a rollout, but no variant serves this path.");
    }
  }

  /** The value of a "cookie" header without the token; null where nothing is left. */
  public static @Nullable String withoutToken(String cookies) {
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

  /** The token that a request carries; null where it carries none. */
  public static @Nullable String text(MultiMap headers) {
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

  /** A token that cannot be read, or is not taken here. */
  public static OpenAiException malformed(String message) {
    return new OpenAiException(
        OpenAiError.invalidRequest(message, HEADER, "invalid_variant_token"));
  }
}
