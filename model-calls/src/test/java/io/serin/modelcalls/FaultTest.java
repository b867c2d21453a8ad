package io.serin.modelcalls;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Excluded;
import io.serin.schemas.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {

  private static final long MILLI = 1_000_000;

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405, 413, 415, 422, 431})
  void shouldLeaveAClientsMistakeOpen(int status) {
    assertThat(ofStatus(status, false)).isEqualTo(Fault.CLIENT_ERROR);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 408, 425, 429, 500, 503, 529, 599})
  void shouldBlameTheVariantForItsState(int status) {
    assertThat(ofStatus(status, false)).isEqualTo(Fault.VARIANT);
  }

  @ParameterizedTest
  @CsvSource({"401", "403", "429"})
  void shouldBlameTheOwnerOfTheKeyForItsRightsAndLimits(int status) {
    assertThat(ofStatus(status, true)).isEqualTo(Fault.CLIENT_ERROR);
    assertThat(ofStatus(status, false)).isEqualTo(Fault.VARIANT);
  }

  @Test
  void shouldCountARefusalOnlyWhereControlServesTheSameRequest() {
    assertThat(Fault.CLIENT_ERROR.ofCandidate(Fault.NONE)).isNull();
    assertThat(Fault.CLIENT_ERROR.ofCandidate(Fault.CLIENT_ERROR)).isEqualTo(Excluded.CLIENT_ERROR);
    assertThat(Fault.CLIENT_ERROR.ofCandidate(Fault.VARIANT)).isEqualTo(Excluded.CLIENT_ERROR);
    assertThat(Fault.CLIENT_ERROR.ofCandidate(null)).isEqualTo(Excluded.CLIENT_ERROR);
    assertThat(Fault.CLIENT_ERROR.ofControl()).isEqualTo(Excluded.CLIENT_ERROR);
  }

  @ParameterizedTest
  @EnumSource
  void shouldCountAMissedDeadlineOfTheClientInNeitherArm(Fault control) {
    assertThat(Fault.CLIENT_DEADLINE.ofCandidate(control)).isEqualTo(Excluded.CLIENT_DEADLINE);
    assertThat(Fault.CLIENT_DEADLINE.ofControl()).isEqualTo(Excluded.CLIENT_DEADLINE);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "VARIANT", "NOBODY"})
  void shouldKeepAllElseAsEvidence(Fault fault) {
    assertThat(fault.ofControl()).isNull();
    assertThat(fault.ofCandidate(Fault.CLIENT_ERROR)).isNull();
  }

  @Test
  void shouldTellTheClientsDeadlineFromTheRollouts() {
    AttemptEnd cut = end(Outcome.TIMEOUT, null, -1, 500 * MILLI);
    AttemptEnd late = end(Outcome.OK, 200, 501 * MILLI, 700 * MILLI);
    AttemptEnd inTime = end(Outcome.OK, 200, 499 * MILLI, 700 * MILLI);
    AttemptEnd cutLater = end(Outcome.CUT, 200, 100 * MILLI, 700 * MILLI);

    assertThat(Fault.of(cut, false, 500L)).isEqualTo(Fault.CLIENT_DEADLINE);
    assertThat(Fault.of(cut, false, null)).isEqualTo(Fault.VARIANT);
    assertThat(Fault.of(late, false, 500L)).isEqualTo(Fault.CLIENT_DEADLINE);
    assertThat(Fault.of(inTime, false, 500L)).isEqualTo(Fault.NONE);
    assertThat(Fault.of(cutLater, false, 500L)).isEqualTo(Fault.VARIANT);
  }

  @ParameterizedTest
  @EnumSource(names = {"CANCELLED", "REJECTED", "ROUTER_DIED", "UNKNOWN"})
  void shouldBlameNobodyForClientsAndRouters(Outcome outcome) {
    assertThat(Fault.of(end(outcome, null, -1, MILLI), false, null)).isEqualTo(Fault.NOBODY);
  }

  private static Fault ofStatus(int status, boolean withClientsKey) {
    return Fault.of(end(Outcome.HTTP_ERROR, status, MILLI, 2 * MILLI), withClientsKey, null);
  }

  private static AttemptEnd end(
      Outcome outcome, @Nullable Integer status, long ttftNanos, long durationNanos) {
    return new AttemptEnd(
        outcome, status, null, AttemptEnd.Times.of(ttftNanos, durationNanos), 0, 0);
  }
}
