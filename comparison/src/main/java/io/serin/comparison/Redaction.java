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

  /**
   * Letters and digits with hyphens, underscores, dots, colons: no space, no sign of an address.
   */
  private static final Pattern MACHINE_MADE = Pattern.compile("[\\w.:-]*[A-Za-z][\\w.:-]*");

  private static final Pattern SECRET =
      Pattern.compile("^(?:sk-|pk-|sk_|pk_|gh[po]_|xox[abp]-|AKIA|AIza|eyJ)");

  private Redaction() {}

  /**
   * What names a pair: an id as machines make them stays as it is, however much it looks like a
   * key, since nobody could find the request again otherwise. Anything else is a text.
   */
  static String identifier(String id, int characters) {
    boolean machines = id.length() <= characters && MACHINE_MADE.matcher(id).matches();
    return machines && !SECRET.matcher(id).find() ? id : excerpt(id, characters);
  }

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
