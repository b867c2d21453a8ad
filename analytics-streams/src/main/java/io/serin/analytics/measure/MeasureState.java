package io.serin.analytics.measure;

import io.serin.statistics.sketch.LogSketch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the application keeps in its stores, and the form of it. Each form begins with a version; a
 * change of form is a new version that also reads the old. A value of a newer version, left by an
 * upgrade that was taken back, is logged and absent: its window begins anew, where a value that
 * cannot be read would stop the application at each start.
 */
final class MeasureState {
  private static final Logger LOG = LoggerFactory.getLogger(MeasureState.class);
  private static final int VERSION = 1;

  /**
   * A window as it stands.
   *
   * @param update the number of the update that was told last; 0 where none was
   */
  record Window(Aggregate aggregate, long update) {
    static final Window EMPTY = new Window(Aggregate.NONE, 0);
  }

  /**
   * The feedback that counts for a (request, kind).
   *
   * @param value as last received
   * @param receivedAt milliseconds since the epoch; an older one does not replace it
   * @param key the window that the first was counted in, and every change of it
   */
  record Feedback(double value, long receivedAt, WindowKey key) {}

  private MeasureState() {}

  /** Keys of windows: sorted by length, then start, so that old windows are a range. */
  static Serde<WindowKey> keys() {
    return serde(MeasureState::bytesOf, MeasureState::keyOf);
  }

  static Serde<Aggregate> aggregates() {
    return stored(
        aggregate -> {
          Binary binary = Binary.writing().version(VERSION);
          write(binary, aggregate);
          return binary.written();
        },
        bytes -> aggregateOf(open(bytes, "aggregate")));
  }

  static Serde<Contribution> contributions() {
    return serde(
        contribution -> {
          Binary binary = Binary.writing().version(VERSION);
          write(binary, contribution.key());
          write(binary, contribution.aggregate());
          return binary.written();
        },
        bytes -> {
          Binary binary = open(bytes, "contribution");
          return new Contribution(keyOf(binary), aggregateOf(binary));
        });
  }

  static Serde<Window> windows() {
    return stored(
        window -> {
          Binary binary = Binary.writing().version(VERSION);
          binary.number(window.update());
          write(binary, window.aggregate());
          return binary.written();
        },
        bytes -> {
          Binary binary = open(bytes, "window");
          long update = binary.number();
          return new Window(aggregateOf(binary), update);
        });
  }

  static Serde<Feedback> feedback() {
    return stored(
        feedback -> {
          Binary binary = Binary.writing().version(VERSION);
          binary.real(feedback.value());
          binary.number(feedback.receivedAt());
          write(binary, feedback.key());
          return binary.written();
        },
        bytes -> {
          Binary binary = open(bytes, "feedback");
          return new Feedback(binary.real(), binary.number(), keyOf(binary));
        });
  }

  private static Binary open(byte[] bytes, String what) {
    Binary binary = Binary.reading(bytes);
    binary.expectVersion(VERSION, what);
    return binary;
  }

  private static void write(Binary binary, WindowKey key) {
    binary.number(key.windowMillis());
    binary.number(key.windowStart());
    binary.text(key.rollout());
    binary.text(key.run());
    binary.number(key.stage());
    binary.text(key.variant());
  }

  private static WindowKey keyOf(Binary binary) {
    return new WindowKey(
        binary.number(),
        binary.number(),
        binary.text(),
        binary.text(),
        (int) binary.number(),
        binary.text());
  }

  private static byte[] bytesOf(WindowKey key) {
    byte[] rollout = key.rollout().getBytes(StandardCharsets.UTF_8);
    byte[] run = key.run().getBytes(StandardCharsets.UTF_8);
    byte[] variant = key.variant().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + 8 + 4 * 4 + rollout.length + run.length + variant.length);
    bytes.putLong(key.windowMillis()).putLong(key.windowStart());
    for (byte[] text : new byte[][] {rollout, run, variant}) {
      bytes.putInt(text.length).put(text);
    }
    return bytes.putInt(key.stage()).array();
  }

  private static WindowKey keyOf(byte[] key) {
    ByteBuffer bytes = ByteBuffer.wrap(key);
    long millis = bytes.getLong();
    long start = bytes.getLong();
    String rollout = text(bytes);
    String run = text(bytes);
    String variant = text(bytes);
    return new WindowKey(millis, start, rollout, run, bytes.getInt(), variant);
  }

  private static String text(ByteBuffer bytes) {
    byte[] text = new byte[bytes.getInt()];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static void write(Binary binary, Aggregate aggregate) {
    binary.text(aggregate.stageName());
    binary.tally(aggregate.totals());
    binary.tally(aggregate.outcomes());
    binary.tally(aggregate.clientOutcomes());
    binary.tally(aggregate.finishReasons());
    binary.tally(aggregate.whys());
    binary.decimal(aggregate.feedbackSum());
    binary.distribution(aggregate.ttft());
    binary.distribution(aggregate.duration());
    binary.distribution(aggregate.tokens());
  }

  private static Aggregate aggregateOf(Binary binary) {
    return new Aggregate(
        binary.text(),
        binary.tally(),
        binary.tally(),
        binary.tally(),
        binary.tally(),
        binary.tally(),
        binary.decimal(),
        binary.distribution(LogSketch.TIMES),
        binary.distribution(LogSketch.TIMES),
        binary.distribution(LogSketch.TOKENS));
  }

  private static <T> Serde<T> stored(Function<T, byte[]> write, Function<byte[], T> read) {
    Serde<T> serde = serde(write, read);
    Deserializer<T> deserializer =
        (topic, bytes) -> {
          try {
            return serde.deserializer().deserialize(topic, bytes);
          } catch (Binary.OtherVersion e) {
            LOG.atWarn()
                .addKeyValue("event", "state-unreadable")
                .addKeyValue("store", topic)
                .addKeyValue("error", e.getMessage())
                .log("a kept value is of another version of Serin; it begins anew");
            return null;
          }
        };
    return Serdes.serdeFrom(serde.serializer(), deserializer);
  }

  /** Absent stays absent, both ways. */
  private static <T> Serde<T> serde(Function<T, byte[]> write, Function<byte[], T> read) {
    Serializer<T> serializer = (topic, value) -> value == null ? null : write.apply(value);
    Deserializer<T> deserializer = (topic, bytes) -> bytes == null ? null : read.apply(bytes);
    return Serdes.serdeFrom(serializer, deserializer);
  }
}
