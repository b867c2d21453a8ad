package io.serin.worker.position;

import io.serin.worker.budget.Totals;
import org.jspecify.annotations.Nullable;

/**
 * A commit's metadata: what is done above the position, what it came to, and for a backfill which
 * records it is of. Parts are separated by {@code |}.
 *
 * @param ledger as {@link OffsetLedger} writes it
 * @param totals of this partition
 * @param range null for live requests, which have no end
 */
public record CommitText(String ledger, Totals totals, @Nullable Range range) {

  /**
   * The records of a backfill.
   *
   * @param end first offset that is not one of them
   * @param captureFrom earliest capture, milliseconds since the epoch
   * @param captureTo latest capture, exclusive
   * @param threshold requests whose draw is above it are left out: how a limit picks its requests
   */
  public record Range(long end, long captureFrom, long captureTo, long threshold) {}

  public static CommitText parse(String metadata) {
    if (metadata.isEmpty()) {
      return new CommitText("", Totals.NONE, null);
    }
    String[] parts = metadata.split("\\|", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "the group's committed metadata is \"" + metadata + "\": it must have 3 parts");
    }
    Range range = null;
    if (!parts[2].isEmpty()) {
      String[] numbers = parts[2].split(",", -1);
      range =
          new Range(
              Long.parseLong(numbers[0]),
              Long.parseLong(numbers[1]),
              Long.parseLong(numbers[2]),
              Long.parseLong(numbers[3]));
    }
    return new CommitText(parts[0], Totals.parse(parts[1]), range);
  }

  public String text() {
    String bounds =
        range == null
            ? ""
            : range.end()
                + ","
                + range.captureFrom()
                + ","
                + range.captureTo()
                + ","
                + range.threshold();
    return ledger + "|" + totals.text() + "|" + bounds;
  }
}
