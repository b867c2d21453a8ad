package io.serin.worker.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OffsetLedgerTest {

  @Test
  void shouldCommitTheLowestUnfinishedAndWhatIsDoneAboveIt() {
    OffsetLedger ledger = begun(10, 11, 12, 13);
    ledger.finish(11);
    ledger.finish(13);

    OffsetLedger.Commit commit = ledger.commit();

    assertThat(commit.position()).isEqualTo(10);
    OffsetLedger next = OffsetLedger.of(commit);
    assertThat(next.begin(10)).isTrue();
    assertThat(next.begin(11)).isFalse();
    assertThat(next.begin(12)).isTrue();
    assertThat(next.begin(13)).isFalse();
    assertThat(next.begin(14)).isTrue();
  }

  @Test
  void shouldCommitPastEverythingOnceAllIsDone() {
    OffsetLedger ledger = begun(10, 11, 12);
    for (long offset : new long[] {12, 10, 11}) {
      ledger.finish(offset);
    }

    assertThat(ledger.commit()).isEqualTo(new OffsetLedger.Commit(13, ""));
    assertThat(ledger.pending()).isZero();
  }

  @Test
  void shouldNotStopAtOffsetsThatHoldNoRecord() {
    OffsetLedger ledger = begun(10, 12, 40);
    ledger.finish(10);
    ledger.finish(40);
    ledger.finish(12);

    assertThat(ledger.commit()).isEqualTo(new OffsetLedger.Commit(41, ""));
  }

  @Test
  void shouldIgnoreAnOffsetFinishedTwice() {
    OffsetLedger ledger = begun(10, 11);
    ledger.finish(10);
    ledger.finish(10);

    assertThat(ledger.pending()).isEqualTo(1);
    assertThat(ledger.commit().position()).isEqualTo(11);
  }

  @Test
  void shouldRefuseMetadataOfAnother() {
    assertThatThrownBy(() -> OffsetLedger.of(new OffsetLedger.Commit(1, "hello")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hello");
  }

  @Test
  void shouldStayWithinWhatABrokerTakesAtTheWorst() {
    OffsetLedger ledger = new OffsetLedger();
    long offset = 0;
    for (int i = 0; i < OffsetLedger.MAX_PENDING + 50; i++) {
      ledger.begin(offset++);
      for (int done = 0; done < 200; done++) {
        ledger.begin(offset);
        ledger.finish(offset++);
      }
    }

    assertThat(ledger.commit().metadata().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(4_096);
  }

  @Test
  void shouldDoEachRecordOnceHoweverOftenItsWorkerDies() {
    Random random = new Random(42);
    for (int round = 0; round < 200; round++) {
      List<Long> log = records(random);
      Map<Long, Integer> published = new TreeMap<>();
      OffsetLedger.Commit committed = new OffsetLedger.Commit(0, "");
      while (published.size() < log.size()) {
        committed = live(random, log, committed, published);
      }

      assertThat(published.keySet()).containsExactlyElementsOf(log);
      assertThat(published.values()).containsOnly(1);
    }
  }

  /** One life of a worker: reads from the commit, finishes in any order, dies at any moment. */
  private static OffsetLedger.Commit live(
      Random random, List<Long> log, OffsetLedger.Commit from, Map<Long, Integer> published) {
    OffsetLedger ledger = OffsetLedger.of(from);
    List<Long> unread =
        new ArrayList<>(log.stream().filter(offset -> offset >= from.position()).toList());
    List<Long> running = new ArrayList<>();
    OffsetLedger.Commit committed = from;
    while (random.nextInt(30) > 0) {
      if (!unread.isEmpty() && running.size() < 8 && random.nextBoolean()) {
        long offset = unread.removeFirst();
        if (ledger.begin(offset)) {
          running.add(offset);
        }
      } else if (!running.isEmpty()) {
        long offset = running.remove(random.nextInt(running.size()));
        ledger.finish(offset);
        committed = ledger.commit();
        published.merge(offset, 1, Integer::sum); // in the same transaction
      }
    }
    return committed;
  }

  private static List<Long> records(Random random) {
    List<Long> log = new ArrayList<>();
    long offset = random.nextInt(3);
    for (int i = 0; i < 60; i++) {
      log.add(offset);
      offset += random.nextInt(10) == 0 ? 2 : 1;
    }
    return log;
  }

  private static OffsetLedger begun(long... offsets) {
    OffsetLedger ledger = new OffsetLedger();
    for (long offset : offsets) {
      ledger.begin(offset);
    }
    return ledger;
  }
}
