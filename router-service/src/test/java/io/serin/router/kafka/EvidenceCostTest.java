package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.journal.Awaiting;
import io.serin.router.journal.Journal;
import io.serin.router.journal.JournalEvent;
import io.serin.router.journal.JournalReader;
import io.serin.router.journal.JournalSettings;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.topics.Partitions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EvidenceCostTest {

  private static final int PAIRS = 5_000;

  @Test
  void shouldPrintWhatARequestCostsTheEventLoop(@TempDir Path directory) throws IOException {
    EventCodec codec = new EventCodec(directory.resolve("schemas"), InstantSource.system());
    Partitions partitions = new Partitions(4, 2);
    RequestEvent event = Records.request("request-0001", "unit-0123456789abcdef");
    try (Journal journal =
        Journal.open(JournalSettings.of(directory, 1L << 30), codec, InstantSource.system())) {
      JournalReader reader = journal.reader();
      for (int round = 0; round < 6; round++) {
        long spent = 0;
        for (int chunk = 0; chunk < 5; chunk++) {
          long from = System.nanoTime();
          for (int i = 0; i < PAIRS; i++) {
            long ticket = journal.begin(codec.encode(event, partitions.ofUnit(event.getUnit())));
            journal.end(ticket, codec.encode(event, partitions.ofUnit(event.getUnit())));
          }
          spent += System.nanoTime() - from;
          acknowledge(journal, reader);
          Awaiting.pause(10); // For the files of the next chunk.
        }
        System.out.printf(
            "evidence: begin + end, encoding included: %.2f µs (round %d)%n",
            spent / 1e3 / (5 * PAIRS), round);
      }
      assertThat(journal.status().openTickets()).isZero();
    }
  }

  private static void acknowledge(Journal journal, JournalReader reader) {
    for (JournalEvent event = reader.next(); event != null; event = reader.next()) {
      journal.acknowledge(event.next(), 1, event.size());
    }
  }
}
