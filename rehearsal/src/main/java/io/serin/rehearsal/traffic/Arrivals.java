package io.serin.rehearsal.traffic;

import java.util.List;
import java.util.PrimitiveIterator;
import java.util.random.RandomGenerator;

/** When requests come: nanoseconds since the start, never falling. */
public final class Arrivals {

  private Arrivals() {}

  /**
   * Independent arrivals without end.
   *
   * @param perSecond on average, more than 0
   */
  public static PrimitiveIterator.OfLong poisson(double perSecond, RandomGenerator random) {
    if (!(perSecond > 0) || perSecond > 1e6) {
      throw new IllegalArgumentException(
          "rate: " + perSecond + " must be more than 0 and at most 1e6 a second");
    }
    return new PrimitiveIterator.OfLong() {
      private double seconds;

      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public long nextLong() {
        seconds += random.nextExponential() / perSecond;
        return Math.round(seconds * 1e9);
      }
    };
  }

  /**
   * A trace's arrivals.
   *
   * @param speed how many times faster than recorded, more than 0
   */
  public static PrimitiveIterator.OfLong recorded(Trace trace, double speed) {
    if (!(speed > 0)) {
      throw new IllegalArgumentException("speed: " + speed + " must be more than 0");
    }
    List<Trace.Arrival> arrivals = trace.arrivals();
    return arrivals.stream().mapToLong(at -> Math.round(at.offsetNanos() / speed)).iterator();
  }
}
