package io.serin.worker;

import java.lang.Character.UnicodeScript;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Lexical similarity of two texts, in [0, 1]: the Jaccard index of their sets of words, lower case,
 * without punctuation. In scripts that do not part words, each character is a word. Pure.
 */
final class Similarity {
  private Similarity() {}

  /** 1 for the same words, 0 for none in common; two texts without words are alike if equal. */
  static double of(String left, String right) {
    if (left.equals(right)) {
      return 1;
    }
    Set<String> ours = words(left);
    Set<String> theirs = words(right);
    if (ours.isEmpty() && theirs.isEmpty()) {
      return 0;
    }
    long common = ours.stream().filter(theirs::contains).count();
    return (double) common / (ours.size() + theirs.size() - common);
  }

  private static Set<String> words(String text) {
    Set<String> words = new HashSet<>();
    StringBuilder word = new StringBuilder();
    text.toLowerCase(Locale.ROOT)
        .codePoints()
        .forEach(
            point -> {
              boolean alone = standsAlone(point);
              if (alone || !Character.isLetterOrDigit(point)) {
                end(word, words);
              }
              if (alone) {
                words.add(Character.toString(point));
              } else if (Character.isLetterOrDigit(point)) {
                word.appendCodePoint(point);
              }
            });
    end(word, words);
    return words;
  }

  private static void end(StringBuilder word, Set<String> words) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  private static boolean standsAlone(int point) {
    if (!Character.isLetter(point)) {
      return false;
    }
    UnicodeScript script = UnicodeScript.of(point);
    return script == UnicodeScript.HAN
        || script == UnicodeScript.HIRAGANA
        || script == UnicodeScript.KATAKANA
        || script == UnicodeScript.THAI;
  }
}
