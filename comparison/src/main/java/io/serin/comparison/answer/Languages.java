package io.serin.comparison.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The language of a text: by its script, and for Latin and Cyrillic letters by the commonest small
 * words of each language. Coarse, and silent when unsure: code, names and short texts have none. It
 * shows that an answer left the language of its question, not which dialect it is in.
 */
public final class Languages {
  /** Letters that are looked at, at most. */
  private static final int LETTERS = 2000;

  /** Small words that must be seen before a language is named. */
  private static final int WORDS = 2;

  private static final List<String> NAMES = new ArrayList<>();

  /** The languages of a small word, a bit for each of {@link #NAMES}. */
  private static final Map<String, Integer> SMALL_WORDS = new HashMap<>();

  static {
    String list = "small-words.txt";
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(Languages.class.getResourceAsStream(list), list), UTF_8))) {
      in.lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" "))
          .forEach(Languages::add);
    } catch (IOException e) {
      throw new UncheckedIOException(list + " cannot be read", e);
    }
  }

  private Languages() {}

  /** ISO 639-1 code of a text's language, or null. */
  public static @Nullable String of(String text) {
    int letters = 0;
    int han = 0;
    int kana = 0;
    int hangul = 0;
    int arabic = 0;
    int devanagari = 0;
    for (int i = 0; i < text.length() && letters < LETTERS; i++) {
      char c = text.charAt(i);
      if (Character.isLetter(c)) {
        UnicodeScript script = UnicodeScript.of(c);
        letters += script == UnicodeScript.COMMON ? 0 : 1;
        switch (script) {
          case HAN -> han++;
          case HIRAGANA, KATAKANA -> kana++;
          case HANGUL -> hangul++;
          case ARABIC -> arabic++;
          case DEVANAGARI -> devanagari++;
          default -> {}
        }
      }
    }
    if (2 * (han + kana) > letters) {
      return 10 * kana > han + kana ? "ja" : "zh";
    }
    if (2 * hangul > letters) {
      return "ko";
    }
    if (2 * arabic > letters) {
      return "ar";
    }
    return 2 * devanagari > letters ? "hi" : bySmallWords(text);
  }

  private static @Nullable String bySmallWords(String text) {
    int[] seen = new int[NAMES.size()];
    int at = 0;
    int end = Math.min(text.length(), LETTERS);
    while (at < end) {
      while (at < end && !Character.isLetter(text.charAt(at))) {
        at++;
      }
      int from = at;
      while (at < end && Character.isLetter(text.charAt(at))) {
        at++;
      }
      if (at > from && at - from <= 7) {
        int languages =
            SMALL_WORDS.getOrDefault(text.substring(from, at).toLowerCase(Locale.ROOT), 0);
        for (int l = 0; languages != 0; l++, languages >>>= 1) {
          seen[l] += languages & 1;
        }
      }
    }
    int best = 0;
    int second = 0;
    int name = -1;
    for (int l = 0; l < seen.length; l++) {
      if (seen[l] > best) {
        second = best;
        best = seen[l];
        name = l;
      } else if (seen[l] > second) {
        second = seen[l];
      }
    }
    // Neighbours share small words: a language leads by a third, or it is not named.
    return best >= WORDS && 3 * best >= 4 * second ? NAMES.get(name) : null;
  }

  /** A line of the list: a language, then its words. */
  private static void add(String[] line) {
    int bit = 1 << NAMES.size();
    NAMES.add(line[0]);
    for (int i = 1; i < line.length; i++) {
      SMALL_WORDS.merge(line[i], bit, (a, b) -> a | b);
    }
  }
}
