package io.serin.analytics.streams;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** How large a record is on its topic, before the broker would refuse it. Thread-safe. */
public final class RecordSize {
  /**
   * Most bytes of a record that Serin writes: below the 1 MiB that brokers and producers accept by
   * default (message.max.bytes, max.request.size), with room for the batch around it.
   */
  public static final int LIMIT = 960 * 1024;

  private RecordSize() {}

  /** A record that no broker would take. */
  public static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLarge(String what) {
      super(what + " has more than " + LIMIT + " bytes, the limit of a record");
    }
  }

  /**
   * Bytes of the record.
   *
   * @throws TooLarge where there are more than {@link #LIMIT}
   * @throws RuntimeException where the record is not valid
   */
  public static int check(SpecificRecord record) {
    Counter counter = new Counter(record.getSchema().getName());
    try {
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(counter, null);
      new SpecificDatumWriter<SpecificRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return counter.bytes;
  }

  /** Bytes that are to be kept under one key of a store. */
  public static byte[] check(String what, byte[] value) {
    if (value.length > LIMIT) {
      throw new TooLarge(what);
    }
    return value;
  }

  private static final class Counter extends OutputStream {
    private final String what;
    private int bytes;

    Counter(String what) {
      this.what = what;
    }

    @Override
    public void write(int value) {
      add(1);
    }

    @Override
    public void write(byte[] values, int from, int length) {
      add(length);
    }

    private void add(int more) {
      bytes += more;
      if (bytes > LIMIT) {
        throw new TooLarge("a " + what);
      }
    }
  }
}
