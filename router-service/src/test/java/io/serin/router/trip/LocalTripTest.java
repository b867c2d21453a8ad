package io.serin.router.trip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LocalTripTest {

  private final LocalTrip trip = new LocalTrip(TripPolicy.DEFAULT);

  @Test
  void shouldTripAtTheTenthFailureOfTwelveFromThreeUnitsWhileControlIsHealthy() {
    controlAnswers(5, false);
    assertThat(candidateAnswers(2, false)).isFalse();
    assertThat(candidateAnswers(9, true)).isFalse();
    assertThat(candidateAnswers(1, true)).isTrue();
  }

  @Test
  void shouldNotTripOnAFewBadUnits() {
    controlAnswers(5, false);
    for (int i = 0; i < 50; i++) {
      assertThat(trip.candidateEnded("candidate", "unit-" + i % 2, true)).isFalse();
    }
    assertThat(trip.candidateEnded("candidate", "unit-2", true)).isTrue();
  }

  @Test
  void shouldNotTripOnSporadicFailures() {
    controlAnswers(5, false);
    for (int i = 0; i < 500; i++) {
      assertThat(trip.candidateEnded("candidate", "unit-" + i, i % 4 != 0)).isFalse();
    }
  }

  @Test
  void shouldHoldWhereBothFail() {
    controlAnswers(12, true);
    assertThat(candidateAnswers(50, true)).isFalse();
    controlAnswers(12, false);
    assertThat(trip.judge("candidate")).isTrue();
  }

  @Test
  void shouldWaitUntilControlsHealthIsKnown() {
    assertThat(candidateAnswers(12, true)).isFalse();
    controlAnswers(1, false);
    assertThat(trip.judge("candidate")).isTrue();
  }

  @Test
  void shouldJudgeEachCandidateByItself() {
    controlAnswers(5, false);
    candidateAnswers(9, true);
    assertThat(trip.candidateEnded("other", "unit-1", true)).isFalse();
    assertThat(trip.judge("other")).isFalse();
    assertThat(candidateAnswers(1, true)).isTrue();
  }

  @Test
  void shouldBeginAnewAfterATripAndWhenForgotten() {
    controlAnswers(5, false);
    assertThat(candidateAnswers(10, true)).isTrue();
    assertThat(candidateAnswers(9, true)).isFalse();
    trip.forget("candidate");
    assertThat(candidateAnswers(9, true)).isFalse();
    assertThat(candidateAnswers(1, true)).isTrue();
  }

  @Test
  void shouldRefuseAPolicyThatCannotBe() {
    assertThatThrownBy(() -> new TripPolicy(5, 6, 1)).hasMessageContaining("6 of 5");
  }

  private void controlAnswers(int times, boolean failed) {
    for (int i = 0; i < times; i++) {
      trip.controlEnded("unit-" + i, failed);
    }
  }

  private boolean candidateAnswers(int times, boolean failed) {
    boolean tripped = false;
    for (int i = 0; i < times; i++) {
      tripped |= trip.candidateEnded("candidate", "unit-" + i % 5, failed);
    }
    return tripped;
  }
}
