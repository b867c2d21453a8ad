package io.serin.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.decide.VerdictReplay;
import org.junit.jupiter.api.Test;

class ReplayTextTest {

  @Test
  void shouldSayThatAllIsEqual() {
    assertThat(ReplayText.sums("assistant", report(1, 0, 0, 0, 0)))
        .isEqualTo(
            "10 inputs (#1 to #10) gave 7 verdicts and 3 commands: all equal to what was recorded, bit for bit.");
  }

  @Test
  void shouldSayWhatDiffersAndWhatCouldNotBeReplayed() {
    assertThat(ReplayText.sums("assistant", report(5, 4, 1, 2, 3)))
        .contains("3 differ")
        .contains("2 commands could not be compared: the topic is compacted")
        .contains("Not replayed, since the log no longer holds the beginning: 4 inputs")
        .contains("1 times inputs are missing");
  }

  @Test
  void shouldSayThatThereIsNothingToReplay() {
    assertThat(ReplayText.sums("a", new VerdictReplay.Report(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
        .contains("No input of a on serin.inputs");
    assertThat(ReplayText.sums("a", new VerdictReplay.Report(0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0)))
        .contains("None of the 9 inputs of a can be replayed");
  }

  private static VerdictReplay.Report report(
      long first, long before, long holes, long compacted, long differences) {
    return new VerdictReplay.Report(
        first, 10, 10, before, 0, holes, 7, 0, 3, 0, compacted, differences);
  }
}
