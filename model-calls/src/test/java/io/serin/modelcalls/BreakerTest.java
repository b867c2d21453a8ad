package io.serin.modelcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {

  private final Breaker breaker = new Breaker();
  private long now = 1;

  @Test
  void shouldOpenAfterFailuresInARowAndNotAfterAsManyWithASuccessBetween() {
    fail(Breaker.FAILURES - 1);
    breaker.succeeded();
    fail(Breaker.FAILURES - 1);
    assertThat(breaker.permits(now)).isTrue();

    assertThat(breaker.failed(now)).as("this one opens it").isTrue();

    assertThat(breaker.permits(now)).isFalse();
  }

  @Test
  void shouldLetOneCallThroughOnceItsTimeIsOverAndCloseWhereThatOneGoesWell() {
    fail(Breaker.FAILURES);
    now += Breaker.SHORTEST.toNanos();

    assertThat(breaker.permits(now)).isTrue();
    breaker.began(now);
    assertThat(breaker.permits(now)).as("one at a time").isFalse();
    assertThat(breaker.succeeded()).isTrue();

    assertThat(breaker.state()).isEqualTo(new Breaker.State.Closed(0));
    assertThat(breaker.permits(now)).isTrue();
  }

  @Test
  void shouldOpenForTwiceAsLongEachTimeUpToABound() {
    fail(Breaker.FAILURES);
    Duration open = Breaker.SHORTEST;
    for (int round = 0; round < 10; round++) {
      now += open.toNanos() - 1;
      assertThat(breaker.permits(now)).as("round %d", round).isFalse();
      now += 1;
      assertThat(breaker.permits(now)).as("round %d", round).isTrue();
      breaker.began(now);
      breaker.failed(now);
      open =
          open.multipliedBy(2).compareTo(Breaker.LONGEST) < 0
              ? open.multipliedBy(2)
              : Breaker.LONGEST;
    }
    assertThat(open).isEqualTo(Breaker.LONGEST);
  }

  @Test
  void shouldLetTheNextCallThroughWhereTheTrialEndsWithoutSayingAnything() {
    fail(Breaker.FAILURES);
    now += Breaker.SHORTEST.toNanos();
    breaker.began(now);

    breaker.abandoned(now);

    assertThat(breaker.permits(now)).isTrue();
    assertThat(breaker.state()).isInstanceOf(Breaker.State.Open.class);
  }

  @Test
  void shouldNotBelieveACallThatBeganBeforeItOpened() {
    fail(Breaker.FAILURES);

    assertThat(breaker.succeeded()).isFalse();

    assertThat(breaker.permits(now)).isFalse();
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      breaker.failed(now);
    }
  }
}
