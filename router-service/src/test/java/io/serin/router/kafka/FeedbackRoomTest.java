package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A flood of feedback while Kafka is unavailable. */
class FeedbackRoomTest {

  private static final long BYTES = 8 << 20;

  @Test
  @Timeout(60)
  void shouldLeaveHalfOfTheJournalToRequests(@TempDir Path directory) throws IOException {
    KafkaConnection nobody = KafkaConnection.of("127.0.0.1:9", "http://127.0.0.1:9");
    try (KafkaEvidence evidence =
        KafkaEvidence.open(
            nobody,
            EvidenceSettings.of(directory.resolve("journal"), BYTES),
            "router-1",
            InstantSource.system())) {
      int sent = 0;
      while (evidence.journal().backlogBytes() <= BYTES / 2) {
        if (!evidence.feedback(Records.feedback("request-" + sent++, "unit"))) {
          LockSupport.parkNanos(1_000_000); // The next segment is being prepared.
        }
      }

      assertThat(evidence.feedback(Records.feedback("one-more", "unit"))).isFalse();
      assertThat(evidence.journal().backlogBytes()).isLessThan(BYTES / 2 + 10_000);
      for (int i = 0; i < 100; i++) {
        String id = "request-" + i;
        long ticket =
            await().until(() -> evidence.begin(Records.request(id, "unit")), given -> given > 0);
        evidence.end(ticket, Records.request(id, "unit"));
      }
    }
  }
}
