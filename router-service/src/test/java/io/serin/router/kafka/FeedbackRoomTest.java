package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flood of feedback while Kafka is unavailable. */
class FeedbackRoomTest {

  private static final long BYTES = 8 << 20;

  @Test
  void shouldLeaveHalfOfTheJournalToRequests(@TempDir Path directory) throws IOException {
    KafkaConnection nobody = KafkaConnection.of("127.0.0.1:9", "http://127.0.0.1:9");
    try (KafkaEvidence evidence =
        KafkaEvidence.open(
            nobody,
            EvidenceSettings.of(directory.resolve("journal"), BYTES),
            "router-1",
            InstantSource.system())) {
      int taken = 0;
      while (taken < 1_000_000 && evidence.feedback(Records.feedback("request-" + taken, "unit"))) {
        taken++;
      }

      assertThat(taken).isBetween(1_000, 999_999);
      assertThat(evidence.journal().backlogBytes()).isBetween(BYTES / 2, BYTES / 2 + 10_000);
      for (int i = 0; i < 100; i++) {
        long ticket = evidence.begin(Records.request("request-" + i, "unit"));
        assertThat(ticket).as("requests have room").isPositive();
        evidence.end(ticket, Records.request("request-" + i, "unit"));
      }
      assertThat(evidence.journal().dropped()).isZero();
    }
  }
}
