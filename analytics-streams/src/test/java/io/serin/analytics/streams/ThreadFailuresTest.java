package io.serin.analytics.streams;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

/** Threads do not restart in a loop unseen: each failure shows, and a series of them ends. */
class ThreadFailuresTest {
  private final Exception broker = new StreamsException(new RecordTooLargeException());

  private final ThreadFailures failures = new ThreadFailures();
  private long now = 1_000_000;

  @Test
  void shouldEndAnInstanceWhoseThreadsFailAgainAndAgain() {
    for (int i = 0; i < ThreadFailures.MOST; i++) {
      now += 1_000;
      assertThat(failures.mayRepeat(broker, now)).isTrue();
    }

    assertThat(failures.mayRepeat(broker, now + 1_000)).isFalse();
  }

  @Test
  void shouldForgiveFailuresOfLongAgo() {
    for (int i = 0; i < 10 * ThreadFailures.MOST; i++) {
      now += ThreadFailures.WITHIN.toMillis() / ThreadFailures.MOST + 1;
      assertThat(failures.mayRepeat(broker, now)).isTrue();
    }
  }

  @Test
  void shouldNotCountAsWorkingForAWhileAfterEachFailure() {
    assertThat(failures.settled(now)).isTrue();

    var unused = failures.mayRepeat(broker, now);

    assertThat(failures.settled(now + ThreadFailures.UNSETTLED.toMillis())).isFalse();
    assertThat(failures.settled(now + ThreadFailures.UNSETTLED.toMillis() + 1)).isTrue();
  }

  @Test
  void shouldRepeatIndefinitelyWhileTheRegistryIsUnavailable() {
    Exception registry =
        new StreamsException(
            new SerializationException(
                "the registry answers 503", new java.net.ConnectException("refused")));
    for (int i = 0; i < 10 * ThreadFailures.MOST; i++) {
      assertThat(failures.mayRepeat(registry, now)).isTrue();
    }
  }

  @Test
  void shouldEndAtOnceWithoutMemory() {
    assertThat(failures.mayRepeat(new StreamsException(new OutOfMemoryError()), now)).isFalse();
  }
}
