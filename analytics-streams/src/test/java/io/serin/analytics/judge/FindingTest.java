package io.serin.analytics.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rollout.Guard;
import io.serin.schemas.Decision;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FindingTest {
  private static final Finding.Level LEVEL = Finding.Level.of(6, 4, 0.01, 0.36);

  @Test
  void shouldStayFrozenUntilAQuarterOfTheEvidenceIsLeft() {
    assertThat(finding(3.9, null).decision(Decision.CONTINUE)).isEqualTo(Decision.CONTINUE);
    assertThat(finding(4.0, null).decision(Decision.CONTINUE)).isEqualTo(Decision.FREEZE);
    assertThat(finding(3.9, null).decision(Decision.FREEZE)).isEqualTo(Decision.FREEZE);
    assertThat(finding(4 - Math.log(4) + 0.001, null).decision(Decision.FREEZE))
        .isEqualTo(Decision.FREEZE);
    assertThat(finding(4 - Math.log(4) - 0.001, null).decision(Decision.FREEZE))
        .isEqualTo(Decision.CONTINUE);
    assertThat(finding(6, null).decision(Decision.FREEZE)).isEqualTo(Decision.ROLLBACK);
  }

  @Test
  void shouldNotFreezeAndResumeWithEveryEventAroundTheSignalLevel() {
    Decision decision = Decision.CONTINUE;
    int changes = 0;
    for (int i = 0; i < 100; i++) {
      Decision next = finding(i % 2 == 0 ? 4.1 : 3.8, null).decision(decision);
      changes += next == decision ? 0 : 1;
      decision = next;
    }

    assertThat(changes).isEqualTo(1);
  }

  @Test
  void shouldOnlyFlagWhatIsNotFairToCompare() {
    assertThat(finding(0, new Finding.Flag(9, 4, true)).decision()).isEqualTo(Decision.FLAG);
    assertThat(finding(0, new Finding.Flag(9, 4, false)).decision()).isEqualTo(Decision.CONTINUE);
    assertThat(finding(7, new Finding.Flag(9, 4, true)).decision()).isEqualTo(Decision.ROLLBACK);
  }

  private static Finding finding(double logE, Finding.@Nullable Flag flag) {
    Finding.Arms none = new Finding.Arms(0, 0);
    return new Finding(
        "candidate",
        Guard.DEFAULTS.getFirst(),
        logE,
        LEVEL,
        none,
        none,
        null,
        null,
        null,
        Finding.Range.OPEN,
        List.of(),
        List.of(),
        0,
        true,
        false,
        true,
        0,
        List.of(),
        List.of(),
        flag,
        Map.of(),
        "");
  }
}
