package io.serin.router.trip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnitLimitsTest {

  private long now;
  private final UnitLimits limits = new UnitLimits(10, () -> now);

  @Test
  void shouldCountFewOfTheUnitsThatOneSenderInvents() {
    assertThat(counted("key acme", 0, 50)).isEqualTo(10);
    assertThat(counted("key blue", 0, 50)).as("another sender").isEqualTo(10);
  }

  @Test
  void shouldGoOnCountingTheUnitsItKnows() {
    counted("10.0.0.7", 0, 50);

    assertThat(counted("10.0.0.7", 0, 10)).isEqualTo(10);
  }

  @Test
  void shouldCountNewUnitsAgainAsTimePasses() {
    counted("10.0.0.7", 0, 50);
    now += TimeUnit.SECONDS.toNanos(30);

    assertThat(counted("10.0.0.7", 100, 150)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1"})
  void shouldBelieveWhatAGatewayOnThisMachineSays(String sender) {
    assertThat(counted(sender, 0, 500)).isEqualTo(500);
  }

  private long counted(String sender, int from, int to) {
    return IntStream.range(from, to)
        .filter(i -> limits.counts(sender, "assistant", "unit-" + i))
        .count();
  }
}
