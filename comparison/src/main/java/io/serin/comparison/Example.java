package io.serin.comparison;

import java.util.List;

/**
 * A pair that shows what differs, redacted and cut.
 *
 * @param id of the question
 * @param reasons what it shows, the most telling first
 */
public record Example(
    String id, List<String> reasons, String prompt, String control, String candidate) {
  public Example {
    reasons = List.copyOf(reasons);
  }

  /** Without its texts. */
  @Override
  public String toString() {
    return "Example[id=" + id + ", reasons=" + reasons + "]";
  }
}
