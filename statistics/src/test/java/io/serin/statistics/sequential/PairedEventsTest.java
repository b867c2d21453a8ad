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

  @Test
  void shouldMergeAndBeRestoredFromItsCounts() {
    PairedEvents left = new PairedEvents(EventLabelDesign.worse());
    PairedEvents right = new PairedEvents(EventLabelDesign.worse());
    PairedEvents whole = new PairedEvents(EventLabelDesign.worse());
    for (int i = 0; i < 500; i++) {
      boolean candidate = i % 7 == 0;
      boolean other = i % 11 == 0;
      (i % 3 == 0 ? left : right).add(i / 20, candidate, other);
      whole.add(i / 20, candidate, other);
    }
    PairedEvents merged = right.merge(left);
    assertThat(merged.logE()).isEqualTo(whole.logE());
    assertThat(merged.counts()).isEqualTo(whole.counts());
    assertThat(merged.pairs()).isEqualTo(500);
    assertThat(PairedEvents.of(EventLabelDesign.worse(), whole.counts()).logE())
        .isEqualTo(whole.logE());
  }
}
