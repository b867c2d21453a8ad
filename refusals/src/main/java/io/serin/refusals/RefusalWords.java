package io.serin.refusals;

import static io.serin.refusals.WordClass.BE;
import static io.serin.refusals.WordClass.HAVE;
import static io.serin.refusals.WordClass.IT;
import static io.serin.refusals.WordClass.MODAL;
import static io.serin.refusals.WordClass.NOT;
import static io.serin.refusals.WordClass.WOULD;

/**
 * Reads a text into the {@link WordClass classes} of its words and marks. A word is found by a
 * 64-bit hash of its letters, so that reading makes no strings.
 */
final class RefusalWords {

  /** The end of a sentence or line. */
  static final long STOP = 1L << 60;

  /** The beginning of a list's item, a heading, a table's row or a block of code. */
  static final long ITEM = 1L << 61;

  /** Characters that are read at most. */
  static final int MAX_CHARS = 1500;

  private static final int SLOTS = 1024;

  /** A word's hash at 2i, its classes at 2i + 1: side by side in a cache line. */
  private static final long[] TABLE = new long[2 * SLOTS];

  private static final long HASH_START = 0xcbf29ce484222325L;

  /** A letter in lower case, or a digit, of a character below 128; 0 for every other. */
  private static final byte[] LOWER = new byte[128];

  static {
    for (int c = 0; c < LOWER.length; c++) {
      LOWER[c] = (byte) (Character.isLetterOrDigit(c) ? Character.toLowerCase(c) : 0);
    }
    for (String line : WordLists.lines("words.txt")) {
      String[] words = line.split(" ");
      long type = WordClass.named(words[0]);
      for (int i = 1; i < words.length; i++) {
        add(type, words[i]);
      }
    }
  }

  private final char[] chars;
  private final int length;
  private final long[] into;
  private int count;
  private boolean quoted;
  private final boolean wrapped;

  private RefusalWords(String text, long[] into) {
    int from = afterReasoning(text);
    this.length = Math.min(text.length() - from, MAX_CHARS);
    this.chars = new char[length];
    this.into = into;
    text.getChars(from, from + length, chars, 0);
    this.wrapped = isWrapped(text, from);
  }

  /** Where the answer begins that follows the reasoning of a model that thinks aloud. */
  private static int afterReasoning(String text) {
    if (!text.startsWith("<think>")) {
      return 0;
    }
    int end = text.indexOf("</think>");
    return end < 0 ? 0 : end + "</think>".length();
  }

  /** Whether the whole answer stands in quotes: there they say nothing. */
  private static boolean isWrapped(String text, int from) {
    int first = from;
    while (first < text.length() && text.charAt(first) <= ' ') {
      first++;
    }
    if (first == text.length() || !isQuote(text.charAt(first))) {
      return false;
    }
    int last = text.length() - 1;
    while (text.charAt(last) <= ' ') {
      last--;
    }
    return isQuote(text.charAt(last));
  }

  private static boolean isQuote(char c) {
    return c == '"' || c == '“' || c == '”';
  }

  /**
   * Reads a text into the classes of its words and marks, in order: 0 for a word that says nothing.
   *
   * @return how many there are, at most the array's length
   */
  static int read(String text, long[] into) {
    RefusalWords words = new RefusalWords(text, into);
    words.read();
    return words.count;
  }

  private void read() {
    boolean lineStart = true;
    int i = 0;
    while (i < length && count + 2 < into.length) {
      char c = chars[i];
      if (isWord(c)) {
        i = word(i, lineStart);
        lineStart = false;
        continue;
      }
      i++;
      if (c == '\n') {
        stop();
        lineStart = true;
        quoted = false;
      } else if (isQuote(c)) {
        quoted = !quoted && c != '”' && !(wrapped && count == 0);
      } else if (c == '.' || c == '!' || c == '?') {
        if (i == length || chars[i] <= ' ') {
          stop();
        }
      } else if (lineStart
          && c > ' '
          && (c == '-' || c == '*' || c == '•' || c == '`' || c == '#' || c == '|')) {
        if (c == '*' && count == 0 && i < length && chars[i] == '*') {
          i++;
          continue; // Bold from the first word on: a refusal may be.
        }
        into[count++] = ITEM;
        lineStart = false;
      }
    }
  }

  private void stop() {
    if (count > 0 && into[count - 1] != STOP) {
      into[count++] = STOP;
    }
  }

  /** Reads the word at from; where the next character is. */
  private int word(int from, boolean lineStart) {
    long hash = HASH_START;
    int i = from;
    while (i < length) {
      char c = wordChar(chars[i]);
      if (c == 0) {
        break;
      }
      hash = mix(hash, c);
      i++;
    }
    if (lineStart && i < length && (chars[i] == '.' || chars[i] == ')') && isNumber(from, i)) {
      into[count++] = ITEM;
      return i + 1;
    }
    if (!quoted
        && i + 1 < length
        && (chars[i] == '\'' || chars[i] == '’')
        && isWord(chars[i + 1])) {
      return contraction(from, i, hash);
    }
    into[count++] = quoted ? 0 : classes(hash);
    return i;
  }

  /** Reads can't, I'm, it's, you're … as the two words that they are. */
  private int contraction(int from, int to, long hash) {
    int end = to + 1;
    while (end < length && isWord(chars[end])) {
      end++;
    }
    char last = lower(chars[end - 1]);
    if (end - to == 2 && last == 't') {
      into[count++] = negated(from, to);
      into[count++] = NOT;
      return end;
    }
    long word = classes(hash);
    into[count++] = word;
    if (end - to == 2) {
      switch (last) {
        case 'm' -> into[count++] = BE;
        case 'd' -> into[count++] = MODAL | WOULD;
        case 's' -> {
          if ((word & IT) != 0) {
            into[count++] = BE;
          }
        }
        default -> {}
      }
    } else {
      into[count++] = last == 'l' ? MODAL : lower(chars[to + 1]) == 'v' ? HAVE : BE;
    }
    return end;
  }

  /** The word before "n't": "ca" and "wo" stand for can and will. */
  private long negated(int from, int to) {
    long hash = HASH_START;
    for (int i = from; i < to - 1; i++) {
      hash = mix(hash, lower(chars[i]));
    }
    boolean modal = to - from == 3 && (lower(chars[from]) == 'c' || lower(chars[from]) == 'w');
    return modal ? MODAL : classes(hash);
  }

  private boolean isNumber(int from, int to) {
    for (int i = from; i < to; i++) {
      if (chars[i] < '0' || chars[i] > '9') {
        return false;
      }
    }
    return true;
  }

  /** The character in lower case where it belongs to a word; else 0. */
  private static char wordChar(char c) {
    return c < 128 ? (char) LOWER[c] : c >= 'À' && c < 0x2000 ? c : 0;
  }

  private static boolean isWord(char c) {
    return wordChar(c) != 0;
  }

  private static char lower(char c) {
    return wordChar(c);
  }

  /** FNV-1a, 64 bits. */
  private static long mix(long hash, char c) {
    return (hash ^ c) * 0x100000001b3L;
  }

  private static int slot(long hash) {
    return (int) (hash ^ (hash >>> 29)) & (SLOTS - 1);
  }

  private static long classes(long hash) {
    int slot = slot(hash);
    while (TABLE[2 * slot] != 0) {
      if (TABLE[2 * slot] == hash) {
        return TABLE[2 * slot + 1];
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    return 0;
  }

  private static void add(long type, String word) {
    long hash = HASH_START;
    for (int i = 0; i < word.length(); i++) {
      hash = mix(hash, word.charAt(i));
    }
    int slot = slot(hash);
    while (TABLE[2 * slot] != 0 && TABLE[2 * slot] != hash) {
      slot = (slot + 1) & (SLOTS - 1);
    }
    TABLE[2 * slot] = hash;
    TABLE[2 * slot + 1] |= type;
  }
}
