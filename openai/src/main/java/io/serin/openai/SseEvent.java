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
