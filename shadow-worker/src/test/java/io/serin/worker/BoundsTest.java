package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.worker.budget.Backoff;
import io.serin.worker.budget.RequestSchedule;
import io.serin.worker.position.PendingBounds;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BoundsTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void shouldSpaceStartsEvenly() {
    RequestSchedule pace = new RequestSchedule();

    assertThat(pace.take(0, 10)).isZero();
    assertThat(pace.take(0, 10)).isEqualTo(SECOND / 10);
    assertThat(pace.take(0, 10)).isEqualTo(SECOND / 5);
    assertThat(pace.take(SECOND / 10, 10)).isEqualTo(SECOND / 5);
  }

  @Test
  void shouldNotSaveWhatWasNotUsed() {
    RequestSchedule pace = new RequestSchedule();
    assertThat(pace.take(0, 1)).isZero();

    assertThat(pace.take(100 * SECOND, 1)).isZero();
    assertThat(pace.take(100 * SECOND, 1)).isEqualTo(SECOND);
  }

  @Test
  void shouldNotWaitWhereThereIsNoLimit() {
    RequestSchedule pace = new RequestSchedule();

    assertThat(pace.take(0, 0)).isZero();
    assertThat(pace.take(0, 0)).isZero();
  }

  @Test
  void shouldHoldEverybodyWhileAModelAsksForLessHaste() {
    RequestSchedule pace = new RequestSchedule();
    pace.hold(2 * SECOND);

    assertThat(pace.take(SECOND, 0)).isEqualTo(SECOND);
    assertThat(pace.take(SECOND, 10)).isEqualTo(SECOND);
    assertThat(pace.take(SECOND, 10)).isEqualTo(SECOND + SECOND / 10);
    assertThat(pace.held(3 * SECOND)).isFalse();
  }

  @Test
  void shouldDoubleTheWaitUpToItsBound() {
    Backoff backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    assertThat(backoff.after(1)).isEqualTo(Duration.ofMillis(250));
    assertThat(backoff.after(3)).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.after(1_000)).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void shouldRefuseSettingsThatBoundNothing() {
    assertThatThrownBy(() -> new PendingBounds(251, 1))
        .hasMessage("max-pending is 251: it must be between 1 and 250");
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ShadowWorker.Settings("a b", "127.0.0.1", 0, 1, 1, null))
        .hasMessageContaining("a b");
  }
}
