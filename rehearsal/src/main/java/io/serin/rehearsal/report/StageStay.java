package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run's time in one stage: from the command that entered it to the command that left it, with all
 * that was served and found meanwhile.
 *
 * @param index of the stage in the file, from 0
 * @param left null while it lasts
 * @param shares by variant, in basis points, as the entering command says
 * @param because cause of the command that entered it
 * @param served attempts by the variant that they called
 * @param evidence the newest verdict of each guard in the stage, by metric
 * @param events what serin.events tells of it, the entering left out
 * @param endedBecause cause of the command that left it; empty while it lasts
 */
public record StageStay(
    int index,
    String name,
    Instant entered,
    @Nullable Instant left,
    Map<String, Integer> shares,
    String because,
    Map<String, Long> served,
    List<Verdict> evidence,
    List<RolloutEvent> events,
    Ending ending,
    String endedBecause) {

  /** How a stage ended. */
  public enum Ending {
    /** The next stage began. */
    NEXT,
    ROLLED_BACK,
    PROMOTED,
    ABORTED,
    /** It had not ended when the report was made. */
    NONE
  }

  /** The share of each variant that has one, in basis points: a slot is one. */
  static NavigableMap<String, Integer> shares(Command command) {
    NavigableMap<String, Integer> shares = new TreeMap<>();
    command
        .getSplit()
        .forEach(
            slice ->
                shares.merge(slice.getVariant(), slice.getTo() - slice.getFrom(), Integer::sum));
    return shares;
  }

  /** How long it lasted, or lasts until a moment. */
  Duration length(Instant until) {
    Instant end = left;
    return Duration.between(entered, end == null ? until : end);
  }
}
