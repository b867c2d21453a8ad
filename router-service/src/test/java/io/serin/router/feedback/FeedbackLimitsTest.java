package io.serin.router.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FeedbackLimitsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final FeedbackLimits limits = new FeedbackLimits(10, nanos::get);

  private void pass(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private void give(String id, String unit, String sender) {
    RequestId about = new RequestId(1, "r", "run", 0, unit, "control", "control", "ASSIGNED");
    limits.count(new Feedback(id, about, "thumb", 1.0, null), sender);
  }

  /** How many of so many are taken before one is refused. */
  private int taken(int tries, String id, String unit, String sender) {
    for (int i = 0; i < tries; i++) {
      try {
        give(id.replace("#", "" + i), unit.replace("#", "" + i), sender);
      } catch (FeedbackRefused e) {
        return i;
      }
    }
    return tries;
  }

  @Test
  void shouldBoundWhatIsTakenForOneRequest() {
    assertThat(taken(1_000, "id", "unit", "ann")).isEqualTo(20);

    assertThatThrownBy(() -> give("id", "unit", "bo"))
        .isInstanceOfSatisfying(
            FeedbackRefused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(429);
              assertThat(refused.retryAfterSeconds()).isEqualTo(10);
              assertThat(refused.reason()).contains("request id");
            });
    pass(10);
    assertThat(taken(10, "id", "unit", "ann")).isEqualTo(1);
  }

  @Test
  void shouldBoundWhatIsTakenForOneUnit() {
    assertThat(taken(1_000, "id-#", "unit", "ann")).isEqualTo(60);
    pass(5);
    assertThat(taken(1_000, "later-#", "unit", "ann")).isEqualTo(5);
  }

  @Test
  void shouldBoundWhatIsTakenFromOneSenderAndTakeNothingFromOthers() {
    assertThat(taken(1_000, "id-#", "unit-#", "ann")).isEqualTo(200);

    assertThatCode(() -> give("another", "another", "bo")).doesNotThrowAnyException();
    pass(3);
    assertThat(taken(1_000, "later-#", "later-#", "ann")).isEqualTo(30);
  }

  @Test
  void shouldCountNothingOfWhatIsRefused() {
    taken(1_000, "id", "unit", "ann");

    // 20 of the unit's 60 are used, whatever was tried beyond.
    assertThat(taken(1_000, "id-#", "unit", "ann")).isEqualTo(40);
  }

  @Test
  void shouldRememberABoundedNumber() {
    FeedbackLimits open = new FeedbackLimits(0, nanos::get);
    for (int i = 0; i < 200_000; i++) {
      RequestId about =
          new RequestId(i, "r", "run", 0, "unit-" + i, "control", "control", "ASSIGNED");
      open.count(new Feedback("id-" + i, about, "thumb", 1.0, null), "sender-" + i);
    }

    assertThat(open.remembered()).isEqualTo(3 * 65_536);
  }
}
