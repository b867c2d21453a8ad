package io.serin.comparison;

import io.serin.privacy.Redaction;
import java.util.HashMap;
import java.util.regex.Pattern;

/**
 * The beginning of a text as reports show it, redacted by privacy's built-in rules: a net on top of
 * what was redacted at capture.
 */
final class Excerpt {
  /** Characters of a text that are read. */
  private static final int LONGEST = 4_000;

  private static final Redaction REDACTION = Redaction.builtIn();

  /**
   * Letters and digits with hyphens, underscores, dots, colons: no space, no sign of an address.
   */
  private static final Pattern MACHINE_MADE = Pattern.compile("[\\w.:-]*[A-Za-z][\\w.:-]*");

  private Excerpt() {}

  /** The id of a pair. An id that a machine made stays, unless it is a key. */
  static String identifier(String id, int characters) {
    boolean kept =
        id.length() <= characters && MACHINE_MADE.matcher(id).matches() && !Redaction.hasSecret(id);
    return kept ? id : of(id, characters);
  }

  /** The first characters of a text, redacted; " …" follows when there are more. */
  static String of(String text, int characters) {
    String read = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    String result = REDACTION.redact(read, new HashMap<>()).strip();
    if (result.length() <= characters) {
      return text.length() > LONGEST ? result + " …" : result;
    }
    int end = characters;
    if (Character.isHighSurrogate(result.charAt(end - 1))) {
      end--;
    }
    return result.substring(0, end) + " …";
  }
}
