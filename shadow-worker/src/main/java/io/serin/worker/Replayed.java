package io.serin.worker;

import io.serin.schemas.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * What replaying a request on one model gave.
 *
 * @param measurement of the first attempt that the model itself answered, for a user would have met
 *     that one; of the last attempt where there is none such
 * @param text of the attempt that gave a whole answer, be it a retry; null where none did
 */
record Replayed(String variant, Measurement measurement, @Nullable String text) {
  /** Without the text. */
  @Override
  public String toString() {
    return "Replayed[variant=" + variant + ", outcome=" + measurement.getOutcome() + "]";
  }
}
