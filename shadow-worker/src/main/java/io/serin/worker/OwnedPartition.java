package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.ShadowResult;
import io.serin.worker.budget.Draw;
import io.serin.worker.budget.Totals;
import io.serin.worker.position.CommitText;
import io.serin.worker.position.OffsetLedger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A partition while this worker reads it: what is under way, what is finished, and the sums that a
 * commit carries. Used by the loop's thread.
 */
final class OwnedPartition {
  private final LaneId lane;
  private final OffsetLedger ledger;
  private final CommitText.@Nullable Range range;
  private final Set<Future<?>> running = new HashSet<>();
  private Totals totals;
  private boolean moved;

  private OwnedPartition(
      LaneId lane, OffsetLedger ledger, Totals totals, CommitText.@Nullable Range range) {
    this.lane = lane;
    this.ledger = ledger;
    this.totals = totals;
    this.range = range;
  }

  /** The partition as the last commit describes it; null when the group has none. */
  static OwnedPartition from(LaneId lane, @Nullable OffsetAndMetadata commit) {
    if (commit == null) {
      return new OwnedPartition(lane, new OffsetLedger(), Totals.NONE, null);
    }
    CommitText text = CommitText.parse(commit.metadata());
    return new OwnedPartition(
        lane,
        OffsetLedger.of(new OffsetLedger.Commit(commit.offset(), text.ledger())),
        text.totals(),
        text.range());
  }

  /** Takes a record on; false when it is done already. */
  boolean begin(long offset) {
    return ledger.begin(offset);
  }

  /** Whether the lane replays this record: it is of its rollout and, in a backfill, of its draw. */
  boolean holds(long offset, CapturedPayload payload) {
    if (!payload.getRollout().equals(lane.rollout())) {
      return false;
    }
    if (lane.backfill() == null) {
      return true;
    }
    long captured = payload.getCapturedAt().toEpochMilli();
    return range != null
        && offset < range.end()
        && captured >= range.captureFrom()
        && captured < range.captureTo()
        && Draw.number("backfill", payload.getRequestId()) <= range.threshold();
  }

  /** Passes over another lane's record: the position moves and is committed with the next. */
  void pass(long offset) {
    ledger.finish(offset);
    moved = true;
  }

  void finish(long offset) {
    ledger.finish(offset);
  }

  /** Replays a record; cancelled when the partition is taken away. */
  void run(Future<?> replay) {
    running.removeIf(Future::isDone);
    running.add(replay);
  }

  void cancel() {
    running.forEach(each -> each.cancel(true));
  }

  /** Records taken on and not finished. */
  int pending() {
    return ledger.pending();
  }

  /** Whether the position moved since the last commit without a result. */
  boolean moved() {
    return moved;
  }

  /** The first offset after a backfill's records; empty for live replays. */
  OptionalLong end() {
    return range == null ? OptionalLong.empty() : OptionalLong.of(range.end());
  }

  Totals totals() {
    return totals;
  }

  /** What to commit now. */
  OffsetAndMetadata position() {
    moved = false;
    OffsetLedger.Commit commit = ledger.commit();
    return new OffsetAndMetadata(
        commit.position(), new CommitText(commit.metadata(), totals, range).text());
  }

  /** Adds what a request came to. A straggler of a run that is over does not begin it again. */
  void count(String runOfRequest, long hour, Replay.Done done) {
    boolean late =
        lane.backfill() == null
            && !totals.run().isEmpty()
            && !totals.run().equals(runOfRequest)
            && done.results().stream()
                .allMatch(result -> ReplayPlan.OTHER_RUN.equals(result.getSkipped()));
    if (late) {
      return;
    }
    Map<String, Long> outcomes = new HashMap<>();
    Map<String, Long> skipped = new HashMap<>();
    for (ShadowResult result : done.results()) {
      String reason = result.getSkipped();
      if (reason == null) {
        outcomes.merge(result.getCandidate().getMeasurement().getOutcome().name(), 1L, Long::sum);
      } else {
        skipped.merge(reason, 1L, Long::sum);
      }
    }
    String run = lane.backfill() == null ? runOfRequest : Totals.OF_BACKFILL;
    totals = totals.after(run, hour, done.used(), outcomes, skipped);
  }
}
