package io.serin.rehearsal.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client saw of one request, reduced to what counting needs.
 *
 * @param id its x-client-request-id
 * @param outcome names as in {@link io.serin.rehearsal.drive.ClientOutcome}
 * @param answered whether a status came back
 * @param startedAt when it was sent
 * @param lateMicros how much later than planned it was sent
 * @param ttftMicros to the first byte; null where none came
 * @param durationMicros to the end
 * @param detail in words where it is not OK
 */
public record Sent(
    String id,
    String outcome,
    boolean answered,
    Instant startedAt,
    long lateMicros,
    @Nullable Long ttftMicros,
    long durationMicros,
    @Nullable String detail) {

  /** When it ended. */
  Instant endedAt() {
    return startedAt.plus(Duration.of(durationMicros, ChronoUnit.MICROS));
  }

  /** Whether a whole, good answer came. */
  public boolean ok() {
    return outcome.equals("OK");
  }
}
