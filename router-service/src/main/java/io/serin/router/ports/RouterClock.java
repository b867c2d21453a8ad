package io.serin.router.ports;

/** The two clocks of a router. */
public interface RouterClock {

  /** Wall clock, milliseconds since the epoch. */
  long epochMillis();

  /** Monotonic clock, nanoseconds from an arbitrary origin. */
  long nanoTime();

  /** The machine's clocks. */
  static RouterClock system() {
    return new RouterClock() {
      @Override
      public long epochMillis() {
        return System.currentTimeMillis();
      }

      @Override
      public long nanoTime() {
        return System.nanoTime();
      }
    };
  }
}
