package io.serin.router.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** What the journal's tests share: small journals, events that are a line of text. */
final class Journals {

  static final InstantSource CLOCK = () -> java.time.Instant.ofEpochMilli(1_700_000_000_000L);

  /** The event of a dead request: "died TEXT attempt N". */
  static final Death DEATH =
      (begun, attempts) ->
          event(begun.partition(), "died " + text(begun) + " attempt " + (attempts + 1));

  private Journals() {}

  static JournalSettings small(Path directory) {
    return small(directory, 64);
  }

  static JournalSettings small(Path directory, int segments) {
    return new JournalSettings(directory, segments * 16_384L, 16_384, 1_024);
  }

  static Journal open(Path directory) throws IOException {
    return Journal.open(small(directory), DEATH, CLOCK);
  }

  static Journal open(JournalSettings settings, String boot, Segment.Preallocation preallocation)
      throws IOException {
    return Journal.open(settings, DEATH, CLOCK, UUID::randomUUID, boot, preallocation);
  }

  static Payload event(int partition, String text) {
    return Payload.of(1, partition, 7, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends as fast as files are made, which a test that writes nothing else outruns. */
  static void append(Journal journal, Payload event) {
    Awaiting.until(() -> journal.append(event));
  }

  static String text(Payload payload) {
    return new String(payload.bytes(), 0, payload.length(), StandardCharsets.UTF_8);
  }

  static List<JournalEvent> readAll(Journal journal) {
    List<JournalEvent> events = new ArrayList<>();
    JournalReader reader = journal.reader();
    for (JournalEvent event = reader.next(); event != null; event = reader.next()) {
      events.add(event);
    }
    return events;
  }

  static List<String> texts(Journal journal) {
    return readAll(journal).stream().map(event -> text(event.payload())).toList();
  }

  static void acknowledgeAll(Journal journal) {
    List<JournalEvent> events = readAll(journal);
    if (!events.isEmpty()) {
      journal.acknowledge(
          events.getLast().next(),
          events.size(),
          events.stream().mapToLong(JournalEvent::size).sum());
    }
  }

  static List<Path> segments(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(Segment.SUFFIX)).sorted().toList();
    }
  }

  /** What kill -9 leaves: the files as they are at this moment. */
  static Path copy(Path directory, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        if (Files.isRegularFile(file)) {
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
    return to;
  }
}
