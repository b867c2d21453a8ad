package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PairedEventsTest {
  @Test
  void shouldDecideOnDiscordantPairsAlone() {
    PairedEvents pairs = new PairedEvents(EventLabelDesign.worse());
    for (int i = 0; i < 1_000; i++) {
      pairs.add(i / 10, i % 50 == 0, i % 50 == 0);
    }
    assertThat(pairs.logE()).isBetween(-1e-12, 1e-12);
    for (int i = 0; i < 20; i++) {
      pairs.add(100, true, false);
    }
    assertThat(pairs.logE()).isGreaterThan(Math.log(100));
    assertThat(pairs.candidateOnly()).isEqualTo(20);
    assertThat(pairs.pairs()).isEqualTo(1_020);
    assertThat(pairs.discordance()).isEqualTo(20.0 / 1_020);
  }
}
