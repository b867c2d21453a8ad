package io.serin.comparison.answer;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Pure: equality and lexical similarity of two texts. */
public final class Words {
  /** Characters that are compared, at most. */
  private static final int CHARACTERS = 20_000;

  private Words() {}

  /**
   * A text in lower case, with one space between words and no punctuation; each ideograph is a
   * word.
   */
  public static String normalised(String text) {
    StringBuilder result = new StringBuilder(text.length());
    boolean gap = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isLetterOrDigit(c)) {
        boolean alone = standsAlone(c);
        gap |= alone;
        if (gap && !result.isEmpty()) {
          result.append(' ');
        }
        gap = alone;
        result.appendCodePoint(Character.toLowerCase(c));
      } else {
        gap = true;
      }
    }
    return result.toString().toLowerCase(Locale.ROOT);
  }

  /**
   * Lexical similarity in [0, 1]: of single words and pairs of neighbours in both texts, twice the
   * shared ones over all (Dice), counted as often as they occur. 1 for the same words in the same
   * order; two texts without a word are equal.
   */
  public static double similarity(String a, String b) {
    Map<Long, Integer> left = grams(a);
    Map<Long, Integer> right = grams(b);
    long all = total(left) + total(right);
    if (all == 0) {
      return 1;
    }
    long shared = 0;
    for (Map.Entry<Long, Integer> entry : left.entrySet()) {
      shared += Math.min(entry.getValue(), right.getOrDefault(entry.getKey(), 0));
    }
    return 2.0 * shared / all;
  }

  /** Whether a character is a word by itself, in scripts that do not part words. */
  private static boolean standsAlone(int c) {
    return Character.isIdeographic(c)
        || (c >= 0x3040 && c <= 0x30FF)
        || (c >= 0x0E00 && c <= 0x0E7F);
  }

  private static long total(Map<Long, Integer> grams) {
    long sum = 0;
    for (int count : grams.values()) {
      sum += count;
    }
    return sum;
  }

  private static Map<Long, Integer> grams(String text) {
    String words = normalised(text.length() > CHARACTERS ? text.substring(0, CHARACTERS) : text);
    Map<Long, Integer> grams = new HashMap<>();
    long before = 0;
    int at = 0;
    while (at < words.length()) {
      int end = words.indexOf(' ', at);
      end = end < 0 ? words.length() : end;
      long hash = 0xcbf29ce484222325L;
      for (int i = at; i < end; i++) {
        hash = (hash ^ words.charAt(i)) * 0x100000001b3L;
      }
      grams.merge(hash, 1, Integer::sum);
      if (before != 0) {
        grams.merge(before * 31 + hash, 1, Integer::sum);
      }
      before = hash;
      at = end + 1;
    }
    return grams;
  }
}
