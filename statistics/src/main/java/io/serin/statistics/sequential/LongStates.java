package io.serin.statistics.sequential;

import java.util.Arrays;

/** Writes and reads the folded state of a process as integers: doubles by their bits, exactly. */
final class LongStates {
  private LongStates() {}

  /** Collects a state. */
  static final class Writer {
    private long[] values = new long[32];
    private int size;

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    void add(double value) {
      add(Double.doubleToRawLongBits(value));
    }

    void add(double[] all) {
      for (double value : all) {
        add(value);
      }
    }

    long[] toLongs() {
      return Arrays.copyOf(values, size);
    }
  }

  /** Reads a state in the order in which it was written. */
  static final class Reader {
    private final long[] values;
    private int at;

    Reader(long[] values) {
      this.values = values;
    }

    long next() {
      if (at == values.length) {
        throw new IllegalArgumentException("folded: too short, " + values.length + " values");
      }
      return values[at++];
    }

    double nextDouble() {
      return Double.longBitsToDouble(next());
    }

    /** All that is left. */
    long[] rest() {
      long[] rest = Arrays.copyOfRange(values, at, values.length);
      at = values.length;
      return rest;
    }

    void next(double[] into) {
      for (int i = 0; i < into.length; i++) {
        into[i] = nextDouble();
      }
    }
  }
}
