package io.serin.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One piece of an event stream, as {@link SseReader} cuts it: most often a whole event with its
 * blank line, else a comment, or a part of something too large or unfinished. The pieces' raw
 * bytes, one after another, are the stream: who passes on {@link #raw()} of each has passed on
 * every byte.
 *
 * <p>The bytes belong to the reader and are valid only during the callback; copy what must last.
 */
public final class SseEvent {

  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final byte[] raw;
  private final int rawOffset;
  private final int rawLength;
  private final byte[] data;
  private final int dataOffset;
  private final int dataLength;
  private final @Nullable String name;
  private final @Nullable String id;
  private final boolean complete;
  private final boolean oversized;

  SseEvent(
      byte[] raw,
      int rawOffset,
      int rawLength,
      byte[] data,
      int dataOffset,
      int dataLength,
      @Nullable String name,
      @Nullable String id,
      boolean complete,
      boolean oversized) {
    this.raw = raw;
    this.rawOffset = rawOffset;
    this.rawLength = rawLength;
    this.data = data;
    this.dataOffset = dataOffset;
    this.dataLength = dataLength;
    this.name = name;
    this.id = id;
    this.complete = complete;
    this.oversized = oversized;
  }

  /**
   * The same event with other data on one line, its other lines as they came; a line feed in the
   * data becomes a space, which JSON takes for the same.
   */
  public SseEvent withData(byte[] changed) {
    byte[] line = changed.clone();
    for (int i = 0; i < line.length; i++) {
      if (line[i] == '\n' || line[i] == '\r') {
        line[i] = ' ';
      }
    }
    if (!dataIsInRaw()) {
      byte[] head = head();
      byte[] whole = Arrays.copyOf(head, head.length + line.length + 2);
      System.arraycopy(line, 0, whole, head.length, line.length);
      whole[whole.length - 2] = '\n';
      whole[whole.length - 1] = '\n';
      return new SseEvent(
          whole, 0, whole.length, whole, head.length, line.length, name, id, complete, oversized);
    }
    int before = dataOffset - rawOffset;
    int after = rawOffset + rawLength - dataOffset - dataLength;
    byte[] whole = new byte[before + line.length + after];
    System.arraycopy(raw, rawOffset, whole, 0, before);
    System.arraycopy(line, 0, whole, before, line.length);
    System.arraycopy(raw, dataOffset + dataLength, whole, before + line.length, after);
    return new SseEvent(
        whole, 0, whole.length, whole, before, line.length, name, id, complete, oversized);
  }

  /** What stands before the data of an event that had several lines of it. */
  private byte[] head() {
    String event = name == null ? "" : "event: " + name + "\n";
    String last = id == null || id.isEmpty() ? "" : "id: " + id + "\n";
    return (event + last + "data: ").getBytes(StandardCharsets.UTF_8);
  }

  /** The array that holds the piece exactly as received, from {@link #rawOffset()}. */
  public byte[] raw() {
    return raw;
  }

  public int rawOffset() {
    return rawOffset;
  }

  public int rawLength() {
    return rawLength;
  }

  /** A copy of the piece exactly as received. */
  public byte[] rawCopy() {
    return Arrays.copyOfRange(raw, rawOffset, rawOffset + rawLength);
  }

  /**
   * True where the piece carries data, be it the empty string: a reader by the standard would
   * dispatch it.
   */
  public boolean hasData() {
    return dataLength >= 0;
  }

  /**
   * The array that holds the data, from {@link #dataOffset()}; several data lines are joined by
   * line feeds.
   */
  public byte[] data() {
    return data;
  }

  public int dataOffset() {
    return dataOffset;
  }

  /** Length in bytes; 0 where there is none. */
  public int dataLength() {
    return Math.max(0, dataLength);
  }

  /** The data as text; empty where there is none. */
  public String dataText() {
    return new String(data, dataOffset, dataLength(), StandardCharsets.UTF_8);
  }

  /** True where the data is one line, so that its bytes lie inside {@link #raw()}. */
  boolean dataIsInRaw() {
    return data == raw && hasData();
  }

  /** The "event" field; null where it is absent or empty, which stands for "message". */
  public @Nullable String name() {
    return name;
  }

  /** The stream's last "id" field so far; null where none came. */
  public @Nullable String id() {
    return id;
  }

  /** False for a part: of an event over the reader's bound, or of one that the stream's end cut. */
  public boolean complete() {
    return complete;
  }

  /** True for every part of an event over the reader's bound; it has no data. */
  public boolean oversized() {
    return oversized;
  }

  /** True for the "[DONE]" that ends an OpenAI stream. */
  public boolean isDone() {
    int from = dataOffset;
    int to = dataOffset + dataLength();
    while (from < to && data[from] == ' ') {
      from++;
    }
    while (to > from && data[to - 1] == ' ') {
      to--;
    }
    return Arrays.equals(data, from, to, DONE, 0, DONE.length);
  }

  /** Sizes only: an answer's text never reaches a log. */
  @Override
  public String toString() {
    return "SseEvent[name=%s, raw=%d bytes, data=%d bytes, complete=%s]"
        .formatted(name, rawLength, dataLength(), complete);
  }
}
