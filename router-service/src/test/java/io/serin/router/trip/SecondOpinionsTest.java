package io.serin.router.trip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SecondOpinionsTest {

  private final SecondOpinions opinions = new SecondOpinions();

  @Test
  void shouldGiveASenderOfMistakesFewOpinionsAndATenthAfterThat() {
    assertThat(asked("one", 200)).isBetween(20L, SecondOpinions.OF_SENDER + 20L);
  }

  @Test
  void shouldNotLetOneSenderUseUpThoseOfOthers() {
    asked("one", 1_000);

    assertThat(opinions.spend("another")).isTrue();
  }

  @Test
  void shouldBoundManySendersTogether() {
    long asked = IntStream.range(0, 1_000).filter(i -> opinions.spend("sender-" + i)).count();

    assertThat(asked).isEqualTo(SecondOpinions.OF_ALL);
  }

  @Test
  void shouldCostNothingWhereControlServes() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(opinions.spend("one")).isTrue();
      opinions.giveBack("one");
    }
  }

  private long asked(String sender, int requests) {
    int spent = 0;
    for (int i = 0; i < requests; i++) {
      opinions.earn(sender);
      spent += opinions.spend(sender) ? 1 : 0;
    }
    return spent;
  }
}
