package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MixtureStateTest {

  @Test
  void shouldGiveTheEValueAgainBitForBit() {
    Random random = new Random(1);
    EventLabelProcess events = new EventLabelProcess(EventLabelDesign.worse());
    ExceedanceProcess bets = new ExceedanceProcess(ExceedanceDesign.slower());
    Stratum stratum = new Stratum("s", 0.25);
    for (int i = 0; i < 2_000; i++) {
      events.add(i / 50, stratum, random.nextDouble() < 0.3);
      bets.add(i / 50, 1, stratum, random.nextInt(4) == 0, random.nextInt(3) == 0);
      if (i % 97 == 0) {
        assertThat(events.mixture().logE()).isEqualTo(events.logE());
        assertThat(bets.mixture().logE()).isEqualTo(bets.logE());
      }
    }

    assertThat(events.mixture().starts()).isGreaterThan(10);
  }
}
