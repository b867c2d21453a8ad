package io.serin.router.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a directory as a process left it: what is whole is kept, what is torn ends its segment.
 * Used once.
 */
final class Scan {

  /** A ticket that nobody closed. */
  record Begun(Position at, int attempts, Payload payload) {}

  private final JournalSettings settings;
  private final @Nullable Position checkpoint;
  private final NavigableMap<Long, Segment> segments = new TreeMap<>();
  private final List<Segment> spares = new ArrayList<>();
  private final LinkedHashMap<Long, Begun> open = new LinkedHashMap<>();
  private final Series series;
  private final List<String> notes = new ArrayList<>();
  private @Nullable UUID incarnation;
  private boolean tailLost;
  private long lastNumber;
  private long lastTicket;
  private long backlog;
  private long backlogBytes;

  private Scan(JournalSettings settings, @Nullable Position checkpoint) {
    this.settings = settings;
    this.checkpoint = checkpoint;
    this.series = new Series(settings.maxEventBytes());
  }

  static Scan of(
      JournalSettings settings,
      @Nullable Identity identity,
      String boot,
      @Nullable Position checkpoint)
      throws IOException {
    Scan scan = new Scan(settings, checkpoint);
    scan.openFiles();
    scan.identify(identity, boot);
    scan.segments.values().forEach(scan::readFrames);
    scan.endTail();
    return scan;
  }

  NavigableMap<Long, Segment> segments() {
    return segments;
  }

  /** Files made in advance and never used, in order. */
  List<Segment> spares() {
    return spares;
  }

  /** Open tickets in the order they were begun. */
  Map<Long, Begun> open() {
    return open;
  }

  /** The numbers that the incarnation goes on from. */
  Series series() {
    return tailLost ? new Series(settings.maxEventBytes()) : series;
  }

  /** Null where there is none to go on with. */
  @Nullable UUID incarnation() {
    return tailLost ? null : incarnation;
  }

  /** The newest segment, where its incarnation goes on in it. */
  @Nullable Segment appendable() {
    if (segments.isEmpty() || tailLost) {
      return null;
    }
    Segment last = segments.lastEntry().getValue();
    return last.incarnation().equals(incarnation) && last.size() == settings.segmentBytes()
        ? last
        : null;
  }

  /** The highest number that a file has or had. */
  long lastNumber() {
    return lastNumber;
  }

  long lastTicket() {
    return lastTicket;
  }

  long backlog() {
    return backlog;
  }

  long backlogBytes() {
    return backlogBytes;
  }

  List<String> notes() {
    return notes;
  }

  private void openFiles() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(settings.directory())) {
      files =
          all.filter(path -> path.getFileName().toString().endsWith(Segment.SUFFIX))
              .sorted()
              .toList();
    }
    for (Path file : files) {
      long number = Segment.numberOf(file);
      lastNumber = number;
      Segment segment = Segment.map(file, number);
      if (segment.isBlank()) {
        if (segment.size() == settings.segmentBytes()) {
          spares.add(segment);
        } else {
          segment.delete(); // The process died while it was made.
        }
      } else if (segment.readHeader()) {
        segments.put(number, segment);
        for (Segment skipped : spares) {
          skipped.delete();
        }
        spares.clear();
      } else {
        segment.unmap();
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        note("the head of " + file.getFileName() + " is damaged: kept as " + aside.getFileName());
        tailLost = true;
      }
    }
    if (checkpoint != null) {
      lastNumber = Math.max(lastNumber, checkpoint.segment());
    }
  }

  private void identify(@Nullable Identity identity, String boot) {
    if (segments.isEmpty()) {
      tailLost = true; // What was numbered is not known, if anything was.
      return;
    }
    if (identity == null) {
      incarnation = segments.lastEntry().getValue().incarnation();
      note("the identity was missing: taken from the newest segment");
      return;
    }
    incarnation = identity.incarnation();
    boolean machineWentDown =
        !identity.clean()
            && !identity.boot().isEmpty()
            && !boot.isEmpty()
            && !identity.boot().equals(boot);
    if (machineWentDown) {
      note(
          "the machine went down while the journal was open: its newest events may be lost, numbering restarts");
      tailLost = true;
    }
  }

  private void readFrames(Segment segment) {
    long offset = Segment.HEADER;
    while (segment.read(offset) instanceof Frame frame) {
      take(segment, new Position(segment.number(), offset), frame);
      offset += frame.size();
    }
    segment.endsAt(offset);
    if (segment.read(offset) instanceof Slot.Torn) {
      note("segment " + segment.number() + " ends with a torn frame at byte " + offset);
    }
  }

  private void take(Segment segment, Position at, Frame frame) {
    boolean ours = segment.incarnation().equals(incarnation);
    lastTicket = Math.max(lastTicket, frame.ticket());
    switch (frame.type()) {
      case BEGIN ->
          open.put(
              frame.ticket(),
              new Begun(
                  at,
                  frame.attempts(),
                  Payload.of(frame.kind(), frame.partition(), frame.schema(), frame.payload())));
      case EVENT -> {
        takeEvent(at, frame, ours);
        open.computeIfPresent(
            frame.ticket(),
            (_, begun) -> new Begun(begun.at(), begun.attempts() + 1, begun.payload()));
      }
      case CLOSING_EVENT -> {
        takeEvent(at, frame, ours);
        open.remove(frame.ticket());
      }
      case CLOSE -> open.remove(frame.ticket());
      case SERIES -> {
        if (ours) {
          series.decode(frame.payload());
        }
      }
    }
  }

  private void takeEvent(Position at, Frame frame, boolean ours) {
    if (ours) {
      series.used(frame.kind(), frame.partition(), frame.sequence());
    }
    if (checkpoint == null || at.compareTo(checkpoint) >= 0) {
      backlog++;
      backlogBytes += frame.size();
    }
  }

  /** Clears what a torn write left behind the last frame, so that appending goes on there. */
  private void endTail() {
    if (segments.isEmpty()) {
      return;
    }
    Segment last = segments.lastEntry().getValue();
    last.truncate(Math.min(last.tail(), last.size()));
    if (checkpoint != null && checkpoint.compareTo(new Position(last.number(), last.tail())) > 0) {
      note("Kafka acknowledged more than is here: the newest events are lost, numbering restarts");
      tailLost = true;
    }
  }

  private void note(String sentence) {
    notes.add(sentence);
  }
}
