package io.serin.rollout.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the name that was probably meant by one that is not known. */
public final class Spelling {
  private Spelling() {}

  /** The known name that differs in few letters, or null. */
  public static @Nullable String nearest(String name, List<String> known) {
    String nearest = null;
    int least = Math.max(1, name.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(name, candidate);
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Letters to insert, remove, change or swap (optimal string alignment). */
  private static int distance(String a, String b) {
    int[][] costs = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          costs[i][j] = i + j;
          continue;
        }
        char x = Character.toLowerCase(a.charAt(i - 1));
        char y = Character.toLowerCase(b.charAt(j - 1));
        int least = Math.min(costs[i - 1][j], costs[i][j - 1]) + 1;
        least = Math.min(least, costs[i - 1][j - 1] + (x == y ? 0 : 1));
        if (i > 1
            && j > 1
            && x == Character.toLowerCase(b.charAt(j - 2))
            && y == Character.toLowerCase(a.charAt(i - 2))) {
          least = Math.min(least, costs[i - 2][j - 2] + 1);
        }
        costs[i][j] = least;
      }
    }
    return costs[a.length()][b.length()];
  }
}
