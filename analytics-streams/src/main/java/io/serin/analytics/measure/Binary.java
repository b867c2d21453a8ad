package io.serin.analytics.measure;

import io.serin.statistics.sketch.LogSketch;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes the values that stay inside the application, its stores and repartition topic, compactly:
 * numbers as zig-zag varints, texts with their length. Everything that leaves it is Avro. Grows as
 * it is written; not thread-safe.
 */
final class Binary {
  private ByteBuffer buffer;

  private Binary(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  static Binary writing() {
    return new Binary(ByteBuffer.allocate(512));
  }

  static Binary reading(byte[] bytes) {
    return new Binary(ByteBuffer.wrap(bytes));
  }

  byte[] written() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  /** The bytes begin with a version; another than the one expected is refused. */
  Binary version(int version) {
    room(1).put((byte) version);
    return this;
  }

  /** Bytes that another version of Serin wrote. */
  static final class OtherVersion extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private OtherVersion(String message) {
      super(message);
    }
  }

  void expectVersion(int version, String what) {
    byte found = buffer.get();
    if (found != version) {
      throw new OtherVersion(
          what + " of version " + found + " in the state: this version reads " + version);
    }
  }

  void number(long value) {
    long rest = (value << 1) ^ (value >> 63);
    ByteBuffer target = room(10);
    while ((rest & ~0x7FL) != 0) {
      target.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }

  long number() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = buffer.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
  }

  void real(double value) {
    room(8).putDouble(value);
  }

  double real() {
    return buffer.getDouble();
  }

  void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  void decimal(BigDecimal value) {
    number(value.scale());
    bytes(value.unscaledValue().toByteArray());
  }

  BigDecimal decimal() {
    int scale = (int) number();
    return new BigDecimal(new BigInteger(bytes()), scale);
  }

  void tally(Tally tally) {
    number(tally.counts().size());
    tally
        .counts()
        .forEach(
            (name, count) -> {
              text(name);
              number(count);
            });
  }

  Tally tally() {
    int size = (int) number();
    SortedMap<String, Long> counts = new TreeMap<>();
    for (int i = 0; i < size; i++) {
      counts.put(text(), number());
    }
    return new Tally(counts);
  }

  void distribution(Distribution distribution) {
    LogSketch sketch = distribution.sketch();
    long[] counts = sketch.counts();
    number(distribution.sum());
    number(sketch.zeroCount());
    number(sketch.offset());
    number(counts.length);
    for (long count : counts) {
      number(count);
    }
  }

  Distribution distribution(double gamma) {
    long sum = number();
    long zeroCount = number();
    int offset = (int) number();
    long[] counts = new long[(int) number()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = number();
    }
    return new Distribution(new LogSketch(gamma, zeroCount, offset, counts), sum);
  }

  private void bytes(byte[] value) {
    number(value.length);
    room(value.length).put(value);
  }

  private byte[] bytes() {
    byte[] value = new byte[(int) number()];
    buffer.get(value);
    return value;
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      int position = buffer.position();
      ByteBuffer larger = ByteBuffer.allocate(Math.max(buffer.capacity() * 2, position + bytes));
      larger.put(buffer.flip());
      buffer = larger;
    }
    return buffer;
  }
}
