package io.serin.router.trip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LocalTripTest {

  private final LocalTrip trip = new LocalTrip(TripPolicy.DEFAULT);

  @Test
  void shouldTripAtTheTenthFailureOfTwelveFromThreeUnitsWhileControlIsWell() {
    assertThat(bothAnswer(2, false)).isFalse();
    assertThat(bothAnswer(9, true)).isFalse();
    assertThat(bothAnswer(1, true)).isTrue();
  }

  @Test
  void shouldNotTripOnAFewBadUnits() {
    for (int i = 0; i < 50; i++) {
      trip.controlEnded(false);
      assertThat(trip.candidateEnded("candidate", "unit-" + i % 2, "sender", true)).isFalse();
    }
    assertThat(trip.candidateEnded("candidate", "unit-2", "sender", true)).isTrue();
  }

  @Test
  void shouldNotTripOnOneSenderOfMany() {
    for (int i = 0; i < 100; i++) {
      trip.controlEnded(false);
      trip.candidateEnded("candidate", "unit-" + i, "sender-" + i % 10, false);
    }
    for (int i = 0; i < 40; i++) {
      trip.controlEnded(false);
      assertThat(trip.candidateEnded("candidate", "invented-" + i, "hostile", true)).isFalse();
    }
    assertThat(trip.candidateEnded("candidate", "unit-1", "sender-1", true))
        .as("it fails for others too")
        .isTrue();
  }

  @Test
  void shouldTripOnOneSenderThatIsMostOfTheTraffic() {
    for (int i = 0; i < 100; i++) {
      trip.controlEnded(false);
      trip.candidateEnded("candidate", "unit-" + i, i % 10 == 0 ? "other" : "backend", false);
    }
    boolean tripped = false;
    for (int i = 0; i < 12; i++) {
      trip.controlEnded(false);
      tripped |= trip.candidateEnded("candidate", "unit-" + i, "backend", true);
    }
    assertThat(tripped).isTrue();
  }

  @Test
  void shouldNotTripOnSporadicFailures() {
    for (int i = 0; i < 500; i++) {
      trip.controlEnded(false);
      assertThat(trip.candidateEnded("candidate", "unit-" + i, "sender", i % 4 != 0)).isFalse();
    }
  }

  @Test
  void shouldHoldWhereBothFail() {
    for (int i = 0; i < 50; i++) {
      trip.controlEnded(true);
      assertThat(trip.candidateEnded("candidate", "unit-" + i % 5, "sender", true)).isFalse();
    }
    controlAnswers(12, false);
    assertThat(trip.judge("candidate"))
        .as("control failed too when the candidate's window began")
        .isFalse();
  }

  /** What control did before the candidate began to fail says nothing about an outage of both. */
  @Test
  void shouldNotCountWhatControlAnsweredBefore() {
    controlAnswers(100, false);
    assertThat(candidateAnswers(12, true)).isFalse();
    trip.controlEnded(true);
    assertThat(trip.judge("candidate")).isFalse();
  }

  @Test
  void shouldWaitUntilControlsHealthIsKnown() {
    assertThat(candidateAnswers(12, true)).isFalse();
    controlAnswers(1, false);
    assertThat(trip.judge("candidate")).isTrue();
  }

  @Test
  void shouldJudgeEachCandidateByItself() {
    bothAnswer(9, true);
    assertThat(trip.candidateEnded("other", "unit-1", "sender", true)).isFalse();
    assertThat(trip.judge("other")).isFalse();
    assertThat(candidateAnswers(1, true)).isTrue();
  }

  @Test
  void shouldStartAnewAfterATripAndWhenForgotten() {
    assertThat(bothAnswer(10, true)).isTrue();
    assertThat(bothAnswer(9, true)).isFalse();
    trip.forget("candidate");
    assertThat(bothAnswer(9, true)).isFalse();
    assertThat(bothAnswer(1, true)).isTrue();
  }

  @Test
  void shouldRefuseAPolicyThatCannotBe() {
    assertThatThrownBy(() -> new TripPolicy(5, 6, 1)).hasMessageContaining("6 of 5");
  }

  private void controlAnswers(int times, boolean failed) {
    for (int i = 0; i < times; i++) {
      trip.controlEnded(failed);
    }
  }

  private boolean bothAnswer(int times, boolean candidateFails) {
    boolean tripped = false;
    for (int i = 0; i < times; i++) {
      tripped |= candidateAnswers(1, candidateFails);
      trip.controlEnded(false);
      units++;
    }
    return tripped;
  }

  private int units;

  private boolean candidateAnswers(int times, boolean failed) {
    boolean tripped = false;
    for (int i = 0; i < times; i++) {
      tripped |= trip.candidateEnded("candidate", "unit-" + (units + i) % 5, "sender", failed);
    }
    return tripped;
  }
}
