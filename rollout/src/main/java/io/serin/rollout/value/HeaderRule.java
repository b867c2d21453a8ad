package io.serin.rollout.value;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which headers a rollout may add to requests: names are tokens of RFC 9110, values are visible
 * ASCII, blanks and tabs. What frames a message, names a hop or belongs to Serin cannot be set.
 */
public final class HeaderRule {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e]{0,8192}");

  /** Framing, hops (RFC 9110, 7.6.1) and codings: the router decides them. */
  private static final Set<String> RESERVED =
      Set.of(
          "connection",
          "content-length",
          "content-encoding",
          "content-type",
          "accept-encoding",
          "expect",
          "http2-settings",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "x-request-id");

  private HeaderRule() {}

  /**
   * A name, in lower case.
   *
   * @throws InvalidField naming the field, the name and the rule
   */
  public static String name(String field, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidField(
          field, printable(name), "must be a header's name: letters, digits and hyphens");
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(lower) || lower.startsWith("x-serin-")) {
      throw new InvalidField(field, name, "is set by Serin itself and cannot be named here");
    }
    return lower;
  }

  /**
   * Whether a model server can be sent this value.
   *
   * @throws InvalidField naming the field and the rule, never the value
   */
  public static void value(String field, String value) {
    if (!VALUE.matcher(value).matches()) {
      throw new InvalidField(
          field, "(withheld)", "must be one line of ASCII, at most 8192 characters");
    }
  }

  /**
   * All headers of a variant, names in lower case.
   *
   * @throws InvalidField where one is not valid, or two differ by case alone
   */
  public static Map<String, String> all(String field, Map<String, String> headers) {
    Map<String, String> checked = new LinkedHashMap<>();
    headers.forEach(
        (name, value) -> {
          String lower = name(field, name);
          if (lower.equals("authorization")) {
            throw new InvalidField(
                field, name, "must not be here; name the key by credential: env:NAME");
          }
          value(field + "." + name, value);
          if (checked.put(lower, value) != null) {
            throw new InvalidField(field, name, "is given twice; names have no case");
          }
        });
    return Map.copyOf(checked);
  }

  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }
}
