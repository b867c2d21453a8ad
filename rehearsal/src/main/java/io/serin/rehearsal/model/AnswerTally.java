package io.serin.rehearsal.model;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one model server said so far. Thread-safe. */
public final class AnswerTally implements Consumer<GivenAnswer> {

  private long answers;
  private long bad;
  private long sinceFirstBad;
  private @Nullable Instant firstBad;
  private final Map<String, Long> byKind = new TreeMap<>();

  /**
   * The numbers at one moment.
   *
   * @param answers all that were begun, good and bad
   * @param sinceFirstBad answers from the first bad one on, itself included
   * @param byKind answers by the kind of fault; one answer can show several
   */
  public record Snapshot(
      long answers,
      long bad,
      long sinceFirstBad,
      @Nullable Instant firstBad,
      Map<String, Long> byKind) {}

  @Override
  public synchronized void accept(GivenAnswer told) {
    answers++;
    if (told.bad()) {
      bad++;
      if (firstBad == null) {
        firstBad = told.at();
      }
      told.kinds().forEach(kind -> byKind.merge(kind, 1L, Long::sum));
    }
    if (firstBad != null) {
      sinceFirstBad++;
    }
  }

  /** The numbers now. */
  public synchronized Snapshot snapshot() {
    return new Snapshot(answers, bad, sinceFirstBad, firstBad, Map.copyOf(byKind));
  }
}
