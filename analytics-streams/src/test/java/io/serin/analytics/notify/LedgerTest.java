package io.serin.analytics.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final TopicPartition P0 = new TopicPartition("serin.events", 0);
  private static final TopicPartition P1 = new TopicPartition("serin.events", 1);

  private final Ledger ledger = new Ledger();

  @Test
  void shouldNeverPassWhatIsStillUnderWay() {
    ledger.begin(P0, 4, 2);
    ledger.begin(P0, 5, 0);
    ledger.begin(P0, 6, 1);
    ledger.begin(P1, 9, 0);

    assertThat(ledger.finished()).isEqualTo(Map.of(P0, 4L, P1, 10L));
    ledger.end(P0, 6);
    ledger.end(P0, 4);
    assertThat(ledger.finished()).containsEntry(P0, 4L);
    ledger.end(P0, 4);
    assertThat(ledger.finished()).containsEntry(P0, 7L);
    assertThat(ledger.pending()).isZero();
  }

  @Test
  void shouldForgetAPartitionThatAnotherInstanceHasNow() {
    ledger.begin(P0, 4, 2);
    ledger.forget(P0);
    ledger.end(P0, 4);

    assertThat(ledger.finished()).isEmpty();
    assertThat(ledger.pending()).isZero();
  }
}
