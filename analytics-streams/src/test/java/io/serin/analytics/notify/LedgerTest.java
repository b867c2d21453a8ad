package io.serin.analytics.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final TopicPartition P0 = new TopicPartition("serin.events", 0);
  private static final TopicPartition P1 = new TopicPartition("serin.events", 1);

  private final Ledger ledger = new Ledger();

  private OffsetAndMetadata finished(TopicPartition partition) {
    return Objects.requireNonNull(ledger.finished().get(partition));
  }

  @Test
  void shouldNeverPassWhatIsStillUnderWay() {
    ledger.begin(P0, 4, List.of("chat", "pager"));
    ledger.begin(P0, 5, List.of());
    ledger.begin(P0, 6, List.of("chat"));
    ledger.begin(P1, 9, List.of());

    assertThat(finished(P0).offset()).isEqualTo(4);
    assertThat(finished(P1).offset()).isEqualTo(10);
    ledger.end(P0, 6, "chat");
    ledger.end(P0, 4, "chat");
    assertThat(finished(P0).offset()).isEqualTo(4);
    ledger.end(P0, 4, "pager");
    assertThat(finished(P0).offset()).isEqualTo(7);
    assertThat(ledger.pending()).isZero();
  }

  @Test
  void shouldRepeatNothingAfterACrashToAReceiverThatHadItWhileAnotherHangs() {
    for (long offset = 4; offset < 20; offset++) {
      ledger.begin(P0, offset, List.of("chat", "pager"));
      ledger.end(P0, offset, "chat");
    }
    ledger.begin(P0, 20, List.of("chat"));
    OffsetAndMetadata committed = finished(P0);

    Ledger restarted = new Ledger();
    restarted.resume(P0, committed);

    assertThat(committed.offset()).isEqualTo(4);
    for (long offset = 4; offset < 20; offset++) {
      assertThat(restarted.had(P0, offset, "chat")).as("chat had " + offset).isTrue();
      assertThat(restarted.had(P0, offset, "pager")).as("pager had " + offset).isFalse();
    }
    assertThat(restarted.had(P0, 20, "chat")).as("it was being sent").isFalse();
    assertThat(restarted.finished()).as("nothing has changed").isEmpty();
  }

  @Test
  void shouldCountAReceiverAsFarAsItsOldestOpenNotice() {
    ledger.begin(P0, 4, List.of("pager"));
    ledger.begin(P0, 5, List.of("chat"));
    ledger.begin(P0, 6, List.of("chat"));
    ledger.end(P0, 6, "chat");

    Ledger restarted = new Ledger();
    restarted.resume(P0, finished(P0));

    assertThat(restarted.had(P0, 5, "chat")).isFalse();
    assertThat(restarted.had(P0, 6, "chat")).isFalse();
  }

  @Test
  void shouldFitWhatABrokerTakesWithAnyNumberOfReceivers() {
    ledger.begin(P0, 4, List.of("stuck"));
    for (int i = 0; i < 1_000; i++) {
      String receiver = "%08x".formatted(i);
      ledger.begin(P0, 5 + i, List.of(receiver));
      ledger.end(P0, 5 + i, receiver);
    }

    assertThat(finished(P0).metadata()).hasSizeBetween(3_900, 4_096);
  }

  @Test
  void shouldForgetReceiversThatAreNoLongerAhead() {
    ledger.begin(P0, 4, List.of("chat"));
    ledger.end(P0, 4, "chat");

    assertThat(finished(P0)).isEqualTo(new OffsetAndMetadata(5, "1;"));
  }

  @Test
  void shouldGiveWhatIsCommittedOnlyOnce() {
    ledger.begin(P0, 4, List.of());
    Map<TopicPartition, OffsetAndMetadata> finished = ledger.finished();
    ledger.committed(finished);

    assertThat(finished).isNotEmpty();
    assertThat(ledger.finished()).isEmpty();
  }

  @Test
  void shouldWaitForTheCommitOfADeliveryNoLongerThanTold() throws InterruptedException {
    ledger.begin(P0, 4, List.of("chat"));
    ledger.end(P0, 4, "chat");
    ledger.awaitCommitted(P0, 4, "chat", Duration.ofMillis(10));
    ledger.committed(ledger.finished());

    ledger.awaitCommitted(P0, 4, "chat", Duration.ofDays(1));
  }

  @Test
  void shouldForgetAPartitionThatAnotherInstanceHasNow() {
    ledger.begin(P0, 4, List.of("chat", "pager"));
    ledger.forget(P0);
    ledger.end(P0, 4, "chat");

    assertThat(ledger.finished()).isEmpty();
    assertThat(ledger.pending()).isZero();
  }
}
