package io.serin.router.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(60)
class JournalTest {

  @TempDir private Path directory;

  @Test
  void shouldNumberEventsOfEachPartitionWithoutGaps() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      for (int i = 0; i < 300; i++) {
        assertThat(journal.append(Journals.event(i % 3, "event " + i))).isTrue();
      }

      List<JournalEvent> events = Journals.readAll(journal);

      assertThat(events).hasSize(300);
      for (int i = 0; i < 300; i++) {
        assertThat(Journals.text(events.get(i).payload())).isEqualTo("event " + i);
        assertThat(events.get(i).payload().partition()).isEqualTo(i % 3);
        assertThat(events.get(i).sequence()).isEqualTo(i / 3);
      }
    }
  }

  @Test
  void shouldNumberEachKindApart() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      journal.append(Payload.of(1, 0, 7, new byte[] {1}));
      journal.append(Payload.of(2, 0, 7, new byte[] {2}));

      assertThat(Journals.readAll(journal))
          .extracting(JournalEvent::sequence)
          .containsExactly(0L, 0L);
    }
  }

  @Test
  void shouldGoOnNumberingAfterARestartWhenAllWasAcknowledgedAndDeleted() throws IOException {
    java.util.UUID incarnation;
    try (Journal journal = Journals.open(directory)) {
      incarnation = journal.incarnation();
      for (int i = 0; i < 2_000; i++) {
        Journals.append(journal, Journals.event(0, "event " + i));
        if (i % 100 == 0) {
          Journals.acknowledgeAll(journal);
        }
      }
      Journals.acknowledgeAll(journal);
      Awaiting.until(() -> Journals.segments(directory).size() <= 4);
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(journal.recovered().newIncarnation()).isFalse();
      assertThat(Journals.readAll(journal)).isEmpty();

      journal.append(Journals.event(0, "next"));

      JournalEvent next = Journals.readAll(journal).getFirst();
      assertThat(next.sequence()).isEqualTo(2_000);
      assertThat(next.incarnation()).isEqualTo(incarnation);
    }
  }

  @Test
  void shouldGiveWhatWasNotAcknowledgedAgainAfterARestart() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      for (int i = 0; i < 10; i++) {
        journal.append(Journals.event(0, "event " + i));
      }
      JournalEvent fourth = Journals.readAll(journal).get(3);
      journal.acknowledge(fourth.next(), 4, 4 * fourth.size());
      assertThat(journal.status().backlog()).isEqualTo(6);
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(Journals.texts(journal)).hasSize(6).startsWith("event 4");
      assertThat(journal.status().backlog()).isEqualTo(6);
    }
  }

  @Test
  void shouldTurnARequestThatWasUnderWayIntoOneEvent() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      long finished = journal.begin(Journals.event(1, "finished"));
      long cut = journal.begin(Journals.event(1, "cut"));
      journal.attempt(cut, Journals.event(1, "first attempt of cut"));
      journal.end(finished, Journals.event(1, "end of finished"));
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(journal.recovered().died()).isEqualTo(1);
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(journal.recovered().died()).isZero();
      assertThat(Journals.texts(journal))
          .containsExactly("first attempt of cut", "end of finished", "died cut attempt 2");
      assertThat(Journals.readAll(journal))
          .extracting(JournalEvent::sequence)
          .containsExactly(0L, 1L, 2L);
    }
  }

  @Test
  void shouldTellADeathOnceWhenKilledDuringRecovery(@TempDir Path elsewhere) throws IOException {
    try (Journal journal = Journals.open(directory)) {
      for (int i = 0; i < 20; i++) {
        journal.begin(Journals.event(i % 2, "request " + i));
      }
    }
    List<Path> killed = new ArrayList<>();
    Death copying =
        (begun, attempts) -> {
          try {
            killed.add(Journals.copy(directory, elsewhere.resolve("killed-" + killed.size())));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
          return Journals.DEATH.of(begun, attempts);
        };
    Journal.open(Journals.small(directory), copying, Journals.CLOCK).close();

    assertThat(killed).hasSize(20);
    for (Path copy : killed) {
      try (Journal journal = Journals.open(copy)) {
        List<JournalEvent> events = Journals.readAll(journal);
        assertThat(events).hasSize(20);
        assertThat(events)
            .extracting(event -> Journals.text(event.payload()))
            .doesNotHaveDuplicates();
        assertThat(events)
            .filteredOn(event -> event.payload().partition() == 0)
            .extracting(JournalEvent::sequence)
            .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
      }
    }
  }

  @Test
  void shouldCountDropsWhenFullAndStillTakeTheEndOfEveryRequestThatBegan() throws IOException {
    try (Journal journal =
        Journals.open(Journals.small(directory, 4), "", Segment.Preallocation::zeros)) {
      List<Long> tickets = new ArrayList<>();
      long refused = 0;
      while (refused < 3) {
        long ticket = journal.begin(Journals.event(0, "x".repeat(300)));
        if (ticket != 0) {
          tickets.add(ticket);
        } else {
          refused++;
          Awaiting.pause(30); // Lets the files be made that may still be made.
        }
      }
      while (journal.append(Journals.event(0, "y".repeat(1_000)))) {
        assertThat(journal.status().dropped()).isZero();
      }
      assertThat(journal.status().dropped()).isEqualTo(1);
      assertThat(journal.status().bytes()).isLessThanOrEqualTo(4 * 16_384L);

      for (long ticket : tickets) {
        assertThat(journal.end(ticket, Journals.event(0, "z".repeat(1_000)))).isTrue();
      }

      assertThat(journal.status().dropped()).isEqualTo(1);
      List<JournalEvent> events = Journals.readAll(journal);
      for (int i = 0; i < events.size(); i++) {
        assertThat(events.get(i).sequence()).isEqualTo(i);
      }
      assertThat(events)
          .filteredOn(e -> Journals.text(e.payload()).startsWith("z"))
          .hasSameSizeAs(tickets);
    }
  }

  @Test
  void shouldTakeEventsAgainWhenAFullJournalIsAcknowledged() throws IOException {
    try (Journal journal =
        Journals.open(Journals.small(directory, 4), "", Segment.Preallocation::zeros)) {
      fill(journal);
      Journals.acknowledgeAll(journal);

      Awaiting.until(() -> journal.append(Journals.event(0, "again")));

      assertThat(Journals.texts(journal)).containsExactly("again");
    }
  }

  @Test
  void shouldCloseATicketWhoseEndIsTooLarge() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      long ticket = journal.begin(Journals.event(0, "small"));

      assertThat(journal.end(ticket, Journals.event(0, "x".repeat(5_000)))).isFalse();

      assertThat(journal.status().dropped()).isEqualTo(1);
      assertThat(journal.status().openTickets()).isZero();
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(journal.recovered().died()).isZero();
      assertThat(journal.status().dropped()).isEqualTo(1);
    }
  }

  @Test
  void shouldPublishTheEndOfARequestOnce() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      long ticket = journal.begin(Journals.event(0, "begin"));

      assertThat(journal.end(ticket, Journals.event(0, "end"))).isTrue();
      assertThat(journal.end(ticket, Journals.event(0, "end again"))).isFalse();

      assertThat(Journals.texts(journal)).containsExactly("end");
    }
  }

  @Test
  void shouldDropAndCountOnAFullDiskAndGoOnWhenThereIsRoom() throws IOException {
    AtomicBoolean full = new AtomicBoolean();
    Segment.Preallocation disk =
        (file, bytes) -> {
          if (full.get()) {
            Segment.Preallocation.zeros(file, bytes / 2);
            throw new IOException("No space left on device");
          }
          Segment.Preallocation.zeros(file, bytes);
        };
    try (Journal journal = Journals.open(Journals.small(directory), "", disk)) {
      full.set(true);
      long ticket = journal.begin(Journals.event(0, "begin"));
      fill(journal);
      assertThat(journal.status().dropped()).isPositive();
      assertThat(journal.end(ticket, Journals.event(0, "end"))).isTrue();

      full.set(false);

      Awaiting.until(() -> journal.append(Journals.event(0, "after")));
      assertThat(Journals.texts(journal)).endsWith("end", "after");
    }
  }

  @Test
  void shouldOpenOnAFullDisk() throws IOException {
    Segment.Preallocation full =
        (file, bytes) -> {
          throw new IOException("No space left on device");
        };
    try (Journal journal = Journals.open(Journals.small(directory), "", full)) {
      assertThat(journal.begin(Journals.event(0, "begin"))).isZero();
      assertThat(journal.end(0, Journals.event(0, "end"))).isFalse();
      assertThat(journal.status().dropped()).isEqualTo(1);
    }
  }

  @Test
  void shouldCopyALongRequestForwardSoThatOldSegmentsGo() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      long stream = journal.begin(Journals.event(0, "stream"));
      journal.attempt(stream, Journals.event(0, "failed attempt"));
      for (int i = 0; i < 3_000; i++) {
        Journals.acknowledgeAll(journal);
        Journals.append(journal, Journals.event(0, "event " + i));
      }
      Journals.acknowledgeAll(journal);
      Path first = Segment.pathOf(directory, 1);
      Awaiting.until(() -> !Files.exists(first));
      assertThat(journal.status().openTickets()).isEqualTo(1);
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(Journals.texts(journal)).containsExactly("died stream attempt 2");
    }
  }

  @Test
  void shouldRefuseADirectoryThatIsInUse() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      assertThatThrownBy(() -> Journals.open(directory))
          .isInstanceOf(JournalInUseException.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
      assertThat(journal.append(Journals.event(0, "still works"))).isTrue();
    }
  }

  @Test
  void shouldNumberAnewWhenTheMachineWentDown(@TempDir Path elsewhere) throws IOException {
    Path killed;
    try (Journal journal =
        Journals.open(Journals.small(directory), "boot 1", Segment.Preallocation::zeros)) {
      journal.append(Journals.event(0, "before"));
      killed = Journals.copy(directory, elsewhere.resolve("killed"));
    }
    try (Journal journal =
        Journals.open(Journals.small(killed), "boot 2", Segment.Preallocation::zeros)) {
      assertThat(journal.recovered().newIncarnation()).isTrue();
      journal.append(Journals.event(0, "after"));

      List<JournalEvent> events = Journals.readAll(journal);
      assertThat(events).extracting(JournalEvent::sequence).containsExactly(0L, 0L);
      assertThat(events.get(0).incarnation()).isNotEqualTo(events.get(1).incarnation());
    }
    try (Journal journal =
        Journals.open(Journals.small(directory), "boot 2", Segment.Preallocation::zeros)) {
      assertThat(journal.recovered().newIncarnation())
          .as("it was closed before the machine went down")
          .isFalse();
    }
  }

  @Test
  void shouldNumberAnewWhenLessIsThereThanWasAcknowledged() throws IOException {
    try (Journal journal = Journals.open(directory)) {
      journal.append(Journals.event(0, "one"));
      journal.append(Journals.event(0, "two"));
      Journals.acknowledgeAll(journal);
    }
    Path segment = Segment.pathOf(directory, 1);
    try (var file =
        java.nio.channels.FileChannel.open(segment, java.nio.file.StandardOpenOption.WRITE)) {
      file.truncate(200);
    }
    try (Journal journal = Journals.open(directory)) {
      assertThat(journal.recovered().newIncarnation()).isTrue();
      assertThat(Journals.texts(journal)).isEmpty();

      journal.append(Journals.event(0, "three"));

      assertThat(Journals.texts(journal)).containsExactly("three");
    }
  }

  @Test
  void shouldTakeTheIncarnationFromTheSegmentsWhenTheIdentityIsGone() throws IOException {
    java.util.UUID incarnation;
    try (Journal journal = Journals.open(directory)) {
      incarnation = journal.incarnation();
      journal.append(Journals.event(0, "one"));
    }
    Files.delete(directory.resolve(Identity.FILE));
    try (Journal journal = Journals.open(directory)) {
      assertThat(journal.incarnation()).isEqualTo(incarnation);
    }
  }

  @Test
  void shouldRefuseEventsWhenClosed() throws IOException {
    Journal journal = Journals.open(directory);
    journal.close();

    assertThat(journal.begin(Journals.event(0, "late"))).isZero();
  }

  @Test
  void shouldNameTheSettingTheValueAndTheRule() {
    assertThatThrownBy(() -> new JournalSettings(directory, 100, 16_384, 1_024))
        .hasMessage("journal.maxBytes is 100: must be at least two segments of 16384 bytes");
    assertThatThrownBy(() -> new JournalSettings(directory, 1 << 20, 4_096, 1_024))
        .hasMessageStartingWith("journal.segmentBytes is 4096: must be a multiple of 8");
  }

  private static void fill(Journal journal) {
    int refused = 0;
    while (refused < 3) {
      if (!journal.append(Journals.event(0, "x".repeat(500)))) {
        refused++;
        Awaiting.pause(30);
      }
    }
  }
}
