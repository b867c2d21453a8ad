package io.serin.router.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(120)
class JournalStressTest {

  private static final int WRITERS = 4;
  private static final int EACH = 50_000;
  private static final int PAIRS = 5_000;

  @TempDir private Path directory;

  @Test
  void shouldGiveEveryEventOnceAndInOrderWhileManyAppend() throws Exception {
    JournalSettings settings = new JournalSettings(directory, 64 << 20, 64 << 10, 1_024);
    try (Journal journal = Journal.open(settings, Journals.DEATH, Journals.CLOCK)) {
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong accepted = new AtomicLong();
      long[] next = new long[WRITERS];
      Thread reader = Thread.ofPlatform().start(() -> readAndAcknowledge(journal, next, done));
      List<Thread> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int partition = writer;
        writers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = 0; i < EACH; i++) {
                        long ticket = journal.begin(Journals.event(partition, "begin " + i));
                        boolean failed =
                            i % 10 == 0
                                && journal.attempt(ticket, Journals.event(partition, "attempt"));
                        boolean ended = journal.end(ticket, Journals.event(partition, "end " + i));
                        accepted.addAndGet((failed ? 1 : 0) + (ended ? 1 : 0));
                      }
                    }));
      }
      for (Thread writer : writers) {
        writer.join();
      }
      done.set(true);
      reader.join();

      JournalStatus status = journal.status();
      assertThat(next[0] + next[1] + next[2] + next[3]).isEqualTo(accepted.get());
      assertThat(accepted.get() + status.dropped()).isEqualTo(WRITERS * (EACH + EACH / 10));
      assertThat(status.backlog()).isZero();
      assertThat(status.backlogBytes()).isZero();
      assertThat(status.openTickets()).isZero();
      assertThat(status.reservedBytes()).isZero();
    }
  }

  @Test
  void shouldPrintWhatABeginAndAnEndCost() throws IOException {
    JournalSettings settings = JournalSettings.of(directory, 1L << 30);
    byte[] bytes = new byte[450];
    try (Journal journal =
        Journal.open(settings, Journals.DEATH, java.time.InstantSource.system())) {
      for (int round = 0; round < 5; round++) {
        long spent = 0;
        for (int chunk = 0; chunk < 20; chunk++) {
          long from = System.nanoTime();
          for (int i = 0; i < PAIRS; i++) {
            long ticket = journal.begin(Payload.of(1, i & 3, 7, bytes));
            journal.end(ticket, Payload.of(1, i & 3, 7, bytes));
          }
          spent += System.nanoTime() - from;
          Journals.acknowledgeAll(journal);
          Awaiting.pause(20); // For the files of the next chunk.
        }
        System.out.printf(
            "journal: begin + end of 450 bytes each: %.2f µs (round %d, dropped so far %d)%n",
            spent / 1e3 / (20 * PAIRS), round, journal.status().dropped());
      }
    }
  }

  private static void readAndAcknowledge(Journal journal, long[] next, AtomicBoolean done) {
    JournalReader reader = journal.reader();
    while (true) {
      boolean last = done.get();
      JournalEvent event = reader.next();
      if (event == null) {
        if (last) {
          return;
        }
        Awaiting.pause(1);
        continue;
      }
      assertThat(event.sequence()).isEqualTo(next[event.payload().partition()]++);
      journal.acknowledge(event.next(), 1, event.size());
    }
  }
}
