package io.serin.comparison;

import java.util.regex.Pattern;

/**
 * Takes out of an excerpt what names a person or opens a door: e-mail addresses, phone and card
 * numbers, keys. A net for examples in reports, on top of what was redacted at capture.
 */
final class Redaction {
  private static final int LONGEST = 4_000;

  private record Rule(Pattern pattern, String name) {}

  private static final Rule[] RULES = {
    new Rule(Pattern.compile("[\\w.+-]{1,64}@[\\w-]{1,63}(?:\\.[\\w-]{1,63}){1,4}"), "[email]"),
    new Rule(
        Pattern.compile("\\b(?:sk|pk|ghp|gho|xox[abp]|AKIA|AIza|eyJ)[-_]?[A-Za-z0-9_.-]{12,}"),
        "[key]"),
    new Rule(Pattern.compile("\\b(?=[A-Za-z_-]{0,40}\\d)[A-Za-z0-9_-]{32,}\\b"), "[key]"),
    new Rule(Pattern.compile("\\b\\d(?:[ -]?\\d){12,18}\\b"), "[card]"),
    new Rule(
        Pattern.compile("(?<![\\w.])\\+?\\(?\\d{2,4}\\)?(?:[ ./-]\\(?\\d{2,7}\\)?){2,4}(?![\\w])"),
        "[phone]"),
  };

  private Redaction() {}

  /** The first characters of a text, redacted, with … where it goes on. */
  static String excerpt(String text, int characters) {
    String result = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    for (Rule rule : RULES) {
      result = rule.pattern().matcher(result).replaceAll(rule.name());
    }
    result = result.strip();
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
