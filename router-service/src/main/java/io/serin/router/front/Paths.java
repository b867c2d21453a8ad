package io.serin.router.front;

import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which paths a client may ask for: those that every server reads as the same. A path is normalised
 * once, here; one that could mean another is refused.
 */
final class Paths {

  /** Counts the tokens of a message; its variant is that of the message. */
  static final String COUNT_TOKENS = "/v1/messages/count_tokens";

  /**
   * Escapes of escapes: a proxy or server behind the router may decode once more than it should.
   */
  private static final int MAX_DECODINGS = 3;

  /** A segment of dots, with or without parameters; an empty segment; a backslash. */
  private static final Pattern CLIMBS =
      Pattern.compile("/\\.{1,2}(;[^/]*)?(/|$)|//|\\\\|\\p{Cntrl}");

  private Paths() {}

  /** 404: nothing serves this path. */
  static OpenAiException unknown(HttpServerRequest http, String path) {
    return new OpenAiException(OpenAiError.unknownUrl(http.method().name(), path));
  }

  /** Whether some server could read the path as another one than it says, or as one above it. */
  static boolean climbs(String path) {
    String read = path;
    for (int i = 0; i < MAX_DECODINGS; i++) {
      if (CLIMBS.matcher(read).find()) {
        return true;
      }
      String decoded = decoded(read);
      if (decoded.equals(read)) {
        return isOtherSpelling(path, decoded);
      }
      if (slashes(decoded) != slashes(read)) {
        return true;
      }
      read = decoded;
    }
    return true;
  }

  /**
   * Whether a lenient server takes the path for that of an endpoint, which only its own variants
   * serve: with a slash at its end, parameters, escaped letters, or letters of another case.
   */
  private static boolean isOtherSpelling(String path, String decoded) {
    String plain = decoded.replaceAll(";[^/]*", "").toLowerCase(Locale.ROOT);
    plain = plain.endsWith("/") ? plain.substring(0, plain.length() - 1) : plain;
    return !plain.equals(path) && (Endpoint.ofPath(plain) != null || plain.equals(COUNT_TOKENS));
  }

  private static long slashes(String path) {
    return path.chars().filter(c -> c == '/').count();
  }

  /**
   * The path with its escapes read as the most lenient server would: overlong UTF-8 and full-width
   * letters are what they look like; what is no escape stays.
   */
  private static String decoded(String path) {
    byte[] from = path.getBytes(StandardCharsets.UTF_8);
    ByteBuffer to = ByteBuffer.allocate(from.length);
    for (int i = 0; i < from.length; i++) {
      int high = i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
      int low = i + 2 < from.length ? Character.digit(from[i + 2], 16) : -1;
      if (from[i] == '%' && high >= 0 && low >= 0) {
        to.put((byte) (high << 4 | low));
        i += 2;
      } else {
        to.put(from[i]);
      }
    }
    String lenient =
        new String(to.array(), 0, to.position(), StandardCharsets.ISO_8859_1)
            .replaceAll("\u00c0\u00ae|\u00e0\u0080\u00ae|\u00ef\u00bc\u008e", ".")
            .replaceAll("\u00c0\u00af|\u00e0\u0080\u00af|\u00ef\u00bc\u008f", "/")
            .replaceAll("\u00c1\u009c|\u00ef\u00bc\u00bc", "\\\\");
    return new String(lenient.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
