package io.serin.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts an event stream, which may arrive in pieces split anywhere, into {@link SseEvent}s (WHATWG
 * HTML, Server-sent events). Lines end by LF, CR or CRLF; comments, names, ids and data of several
 * lines are understood; a leading byte order mark is skipped.
 *
 * <p>Every byte fed comes out once, in order, in some piece's raw bytes, as soon as the piece is
 * whole: a comment between events by its own line, an event by its blank line. Where lines end by
 * CRLF, a blank line's CR waits for its LF. An event larger than the bound is handed on in parts,
 * without data, so that a passing stream never stops.
 *
 * <p>Memory is at most the bound plus the largest chunk fed. Not for several threads at once.
 */
public final class SseReader {

  /** The bound where none is given: 1 MiB. */
  public static final int DEFAULT_MAX_EVENT_BYTES = 1 << 20;

  /** Receives pieces in the stream's order. The event's bytes are valid during the call only. */
  @FunctionalInterface
  public interface Sink {
    void event(SseEvent event);
  }

  private static final byte[] NONE = new byte[0];

  private final int maxEventBytes;
  private final IntPredicate mayHold;

  private byte[] buffer = NONE;

  /** The piece under way is buffer[start, end); bytes before scanned are scanned. */
  private int start;

  private int scanned;
  private int end;
  private int lineStart;

  /** Fields of the event under way; data offsets are relative to start. */
  private int dataLines;

  private int dataOffset;
  private int dataLength;
  private byte[] joined = NONE;
  private int joinedLength;
  private boolean fields;
  private @Nullable String name;
  private @Nullable String id;

  private boolean firstLine = true;
  private boolean loneCr;
  private boolean skipping;

  /** While skipping: the line under way began in a part that was handed on. */
  private boolean lineBegun;

  public SseReader() {
    this(DEFAULT_MAX_EVENT_BYTES);
  }

  /**
   * @param maxEventBytes the largest event, raw, that is read; at least 16
   */
  public SseReader(int maxEventBytes) {
    this(maxEventBytes, beyond -> false);
  }

  /**
   * @param maxEventBytes the largest event, raw, that is read in any case; at least 16
   * @param mayHold whether this many bytes of one event beyond that may be held
   */
  public SseReader(int maxEventBytes, IntPredicate mayHold) {
    if (maxEventBytes < 16) {
      throw new IllegalArgumentException(
          "maxEventBytes is " + maxEventBytes + ", must be at least 16");
    }
    this.maxEventBytes = maxEventBytes;
    this.mayHold = mayHold;
  }

  /** Reads a whole chunk. */
  public void feed(byte[] chunk, Sink sink) {
    feed(chunk, 0, chunk.length, sink);
  }

  /** Reads chunk[offset, offset + length) and hands each piece that it completes to the sink. */
  public void feed(byte[] chunk, int offset, int length, Sink sink) {
    append(chunk, offset, length);
    scan(sink, false);
    if (skipping) {
      handOnPart(sink);
    } else if (scanned - start > maxEventBytes && !mayHold.test(end - start)) {
      skipping = true;
      handOnPart(sink);
    }
  }

  /**
   * Ends the stream: what is left comes out as one piece that is not complete. Its data is what was
   * read of it, so that a last event without its blank line is not lost. The reader is then ready
   * for another stream.
   */
  public void finish(Sink sink) {
    scan(sink, true);
    if (end > start) {
      if (end > lineStart && !skipping) {
        field(lineStart, end);
      }
      SseEvent rest = piece(end, false, skipping);
      start = end;
      clearFields();
      sink.event(rest);
    }
    clearFields();
    start = 0;
    scanned = 0;
    end = 0;
    lineStart = 0;
    firstLine = true;
    loneCr = false;
    skipping = false;
    lineBegun = false;
    id = null;
  }

  /** Bytes held back until their event is whole. */
  public int pending() {
    return end - start;
  }

  private void append(byte[] chunk, int offset, int length) {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      scanned -= start;
      lineStart -= start;
      end -= start;
      start = 0;
    }
    if (buffer.length - end < length) {
      buffer = Arrays.copyOf(buffer, Math.max(end + length, Math.min(buffer.length * 2, 1 << 24)));
    }
    System.arraycopy(chunk, offset, buffer, end, length);
    end += length;
  }

  private void scan(Sink sink, boolean last) {
    int i = scanned;
    while (i < end) {
      byte b = buffer[i];
      if (b != '\n' && b != '\r') {
        i++;
        continue;
      }
      int next = i + 1;
      if (b == '\r') {
        if (next < end) {
          loneCr = buffer[next] != '\n';
          next += loneCr ? 0 : 1;
        } else if (!last && !(loneCr && isBlank(i))) {
          break;
        }
      }
      // State first, the sink after it: a sink that throws leaves a reader that can go on.
      SseEvent piece = line(i, next);
      i = next;
      lineStart = next;
      lineBegun = false;
      scanned = next;
      if (piece != null) {
        start = next;
        clearFields();
        sink.event(piece);
      }
    }
    scanned = i;
  }

  private boolean isBlank(int lineEnd) {
    return lineEnd == lineStart && !lineBegun;
  }

  /**
   * Reads the line that ends at lineEnd; the next begins at next. A piece, where the line completes
   * one.
   */
  private @Nullable SseEvent line(int lineEnd, int next) {
    int from = lineStart;
    if (firstLine) {
      firstLine = false;
      if (lineEnd - from >= 3
          && buffer[from] == (byte) 0xEF
          && buffer[from + 1] == (byte) 0xBB
          && buffer[from + 2] == (byte) 0xBF) {
        from += 3;
      }
    }
    if (from == lineEnd && !lineBegun) {
      SseEvent piece = piece(next, true, skipping);
      skipping = false;
      return piece;
    }
    if (skipping) {
      return null;
    }
    if (buffer[from] == ':') {
      return fields ? null : piece(next, true, false);
    }
    field(from, lineEnd);
    return null;
  }

  private void field(int from, int to) {
    if (from == to || buffer[from] == ':') {
      return;
    }
    fields = true;
    int colon = from;
    while (colon < to && buffer[colon] != ':') {
      colon++;
    }
    int value = Math.min(to, colon + 1);
    if (value < to && buffer[value] == ' ') {
      value++;
    }
    switch (colon - from) {
      case 4 -> {
        if (matches(from, "data")) {
          dataLine(value, to);
        }
      }
      case 5 -> {
        if (matches(from, "event")) {
          name = value == to ? null : text(value, to);
        }
      }
      case 2 -> {
        if (matches(from, "id") && !hasNul(value, to)) {
          id = value == to ? null : text(value, to);
        }
      }
      default -> {
        // "retry" and unknown fields mean nothing here.
      }
    }
  }

  private void dataLine(int from, int to) {
    int length = to - from;
    if (dataLines == 0) {
      dataOffset = from - start;
      dataLength = length;
    } else {
      if (dataLines == 1) {
        joinedLength = 0;
        join(start + dataOffset, dataLength);
      }
      if (joined.length == joinedLength) {
        joined = Arrays.copyOf(joined, joined.length * 2 + 16);
      }
      joined[joinedLength++] = '\n';
      join(from, length);
    }
    dataLines++;
  }

  private void join(int from, int length) {
    if (joined.length - joinedLength < length) {
      joined = Arrays.copyOf(joined, Math.max(joined.length * 2, joinedLength + length + 1));
    }
    System.arraycopy(buffer, from, joined, joinedLength, length);
    joinedLength += length;
  }

  private SseEvent piece(int to, boolean complete, boolean oversized) {
    int length = to - start;
    return switch (oversized ? 0 : dataLines) {
      case 0 ->
          new SseEvent(buffer, start, length, buffer, start, -1, name, id, complete, oversized);
      case 1 ->
          new SseEvent(
              buffer,
              start,
              length,
              buffer,
              start + dataOffset,
              dataLength,
              name,
              id,
              complete,
              oversized);
      default ->
          new SseEvent(
              buffer, start, length, joined, 0, joinedLength, name, id, complete, oversized);
    };
  }

  private void handOnPart(Sink sink) {
    if (scanned == start) {
      return;
    }
    SseEvent part = piece(scanned, false, true);
    lineBegun |= scanned > lineStart;
    lineStart = scanned;
    start = scanned;
    clearFields();
    sink.event(part);
  }

  private void clearFields() {
    dataLines = 0;
    fields = false;
    name = null;
  }

  private boolean matches(int from, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (buffer[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean hasNul(int from, int to) {
    for (int i = from; i < to; i++) {
      if (buffer[i] == 0) {
        return true;
      }
    }
    return false;
  }

  private String text(int from, int to) {
    return new String(buffer, from, to - from, StandardCharsets.UTF_8);
  }
}
