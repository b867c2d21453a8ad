package io.serin.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds payment card numbers: 13 to 19 digits whose check digit is right (Luhn, ISO/IEC 7812-1), as
 * one group or as several parted by single spaces or hyphens. Groups before and after, such as a
 * year, do not hide it; a longer group of digits does, for that is another kind of number. Pure.
 */
final class CardNumbers {
  private static final int FEWEST = 13;
  private static final int MOST = 19;

  private CardNumbers() {}

  private record Group(int from, int to) {
    int digits() {
      return to - from;
    }
  }

  static String replace(String text, String word, Map<String, Integer> counts) {
    StringBuilder out = new StringBuilder();
    int copied = 0;
    int at = 0;
    while (at < text.length()) {
      if (!digit(text, at)) {
        at++;
        continue;
      }
      List<Group> run = run(text, at);
      at = run.getLast().to();
      if (beforePoint(text, at) || afterPoint(text, run.getFirst().from())) {
        // Part of a decimal number: not the group beside the point.
        run = inner(run, text);
      }
      for (int first = 0; first < run.size(); first++) {
        int last = card(text, run, first);
        if (last >= first) {
          out.append(text, copied, run.get(first).from()).append('[').append(word).append(']');
          copied = run.get(last).to();
          counts.merge(word, 1, Integer::sum);
          first = last;
        }
      }
    }
    return copied == 0 ? text : out.append(text, copied, text.length()).toString();
  }

  /** The last group of a card that begins with this one, the longest; −1 where there is none. */
  private static int card(String text, List<Group> run, int first) {
    int found = -1;
    int digits = 0;
    for (int last = first; last < run.size(); last++) {
      digits += run.get(last).digits();
      if (digits > MOST) {
        break;
      }
      if (digits >= FEWEST && luhn(text, run.get(first).from(), run.get(last).to())) {
        found = last;
      }
    }
    return found;
  }

  private static List<Group> inner(List<Group> run, String text) {
    List<Group> inner = new ArrayList<>(run);
    if (beforePoint(text, inner.getLast().to())) {
      inner.removeLast();
    }
    if (!inner.isEmpty() && afterPoint(text, inner.getFirst().from())) {
      inner.removeFirst();
    }
    return inner;
  }

  private static boolean beforePoint(String text, int to) {
    return text.startsWith(".", to) && digit(text, to + 1);
  }

  private static boolean afterPoint(String text, int from) {
    return from > 1 && text.charAt(from - 1) == '.' && digit(text, from - 2);
  }

  /** Groups of digits from here on, parted by single spaces or hyphens. */
  private static List<Group> run(String text, int from) {
    List<Group> groups = new ArrayList<>();
    int at = from;
    while (true) {
      int start = at;
      while (digit(text, at)) {
        at++;
      }
      groups.add(new Group(start, at));
      boolean more =
          at < text.length()
              && (text.charAt(at) == ' ' || text.charAt(at) == '-' || text.charAt(at) == '\u00a0')
              && digit(text, at + 1);
      if (!more) {
        return groups;
      }
      at++;
    }
  }

  private static boolean digit(String text, int at) {
    return at >= 0 && at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private static boolean luhn(String text, int from, int to) {
    int sum = 0;
    boolean twice = false;
    for (int i = to - 1; i >= from; i--) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        continue;
      }
      int weighted = twice ? 2 * digit : digit;
      sum += weighted > 9 ? weighted - 9 : weighted;
      twice = !twice;
    }
    return sum % 10 == 0;
  }
}
