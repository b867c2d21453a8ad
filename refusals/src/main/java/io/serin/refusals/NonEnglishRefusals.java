package io.serin.refusals;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Refusals in other languages than English: the first two sentences say that the speaker cannot,
 * and what it cannot do is what a model does for its user. Only an answer whose first word or
 * script is one of a language's openings is read, so an English answer costs one look-up. Coarse:
 * it finds the plain refusal, never a moral answer.
 */
final class NonEnglishRefusals {

  /**
   * How a language declines: each of the three must occur in the opening; an empty list always
   * does.
   */
  private record Language(List<String> self, List<String> cannot, List<String> help) {

    boolean declines(String opening) {
      return any(self, opening) && any(cannot, opening) && any(help, opening);
    }

    private static boolean any(List<String> stems, String opening) {
      for (String stem : stems) {
        if (opening.contains(stem)) {
          return true;
        }
      }
      return stems.isEmpty();
    }
  }

  /** Characters of an opening. */
  private static final int OPENING = 200;

  /** Letters of the longest word that opens a refusal. */
  private static final int LONGEST = 16;

  /** By the first word, or @ and the script of the first letter. */
  private static final Map<String, List<Language>> BY_OPENING = new HashMap<>();

  static {
    for (String line : WordLists.lines("other-languages.txt")) {
      String[] fields = line.split(";", -1);
      Language language = new Language(stems(fields[1]), stems(fields[2]), stems(fields[3]));
      for (String opening : fields[0].strip().split(" ")) {
        BY_OPENING.computeIfAbsent(opening, ignored -> new ArrayList<>()).add(language);
      }
    }
  }

  private NonEnglishRefusals() {}

  /** Whether the opening of a text declines in another language than English. */
  static boolean declines(String text) {
    int from = 0;
    int end = Math.min(text.length(), OPENING);
    while (from < end && !Character.isLetter(text.charAt(from))) {
      from++;
    }
    int to = from;
    while (to < end && Character.isLetter(text.charAt(to))) {
      to++;
    }
    if (from == to) {
      return false;
    }
    List<Language> languages = ofScript(text.charAt(from));
    if (languages.isEmpty() && to - from <= LONGEST) {
      languages =
          BY_OPENING.getOrDefault(text.substring(from, to).toLowerCase(Locale.ROOT), List.of());
    }
    if (languages.isEmpty()) {
      return false;
    }
    String opening = opening(text, from);
    for (Language language : languages) {
      if (language.declines(opening)) {
        return true;
      }
    }
    return false;
  }

  /** The languages that a letter's script alone names; none for Latin and Cyrillic. */
  private static List<Language> ofScript(char letter) {
    String key =
        switch (UnicodeScript.of(letter)) {
          case HAN, HIRAGANA, KATAKANA -> "@HAN";
          case HANGUL -> "@HANGUL";
          case ARABIC -> "@ARABIC";
          case DEVANAGARI -> "@DEVANAGARI";
          default -> "";
        };
    return BY_OPENING.getOrDefault(key, List.of());
  }

  private static List<String> stems(String joined) {
    return joined.isBlank() ? List.of() : List.of(joined.strip().split("\\|"));
  }

  /** The first two sentences, in lower case; line ends end a sentence. */
  private static String opening(String text, int from) {
    int end = Math.min(text.length(), from + OPENING);
    int sentences = 0;
    int at = from;
    while (at < end && sentences < 2) {
      char c = text.charAt(at++);
      boolean stop = c == '。' || c == '!' || c == '\n' || c == '.' || c == '?';
      sentences += stop && at > from + 3 ? 1 : 0;
    }
    return text.substring(from, at).toLowerCase(Locale.ROOT).replace('’', '\'');
  }
}
