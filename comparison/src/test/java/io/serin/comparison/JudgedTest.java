package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.review.JudgePrompt;
import io.serin.comparison.review.Judged;
import io.serin.comparison.review.ModelJudge;
import io.serin.comparison.review.PortException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgedTest {
  private static final Pair PAIR =
      new Pair(
          TraitsTest.question("q", "What is it?", null),
          Answered.of("control's answer"),
          Answered.of("candidate's answer"),
          null);

  @Test
  void shouldAskInBothOrders() throws PortException {
    Deque<String> asked = new ArrayDeque<>();
    ModelJudge judge =
        (system, user) -> {
          asked.add(user);
          return new ModelJudge.Reply("{\"better\": \"tie\"}", 100, 10);
        };

    Judged judged = Judged.none(JudgePrompt.CURRENT).plus(PAIR, JudgePrompt.CURRENT, judge);

    assertThat(judged.ties()).isEqualTo(1);
    assertThat(judged.promptTokens()).isEqualTo(200);
    assertThat(judged.cost(1, 10)).isCloseTo(0.0004, within(1e-12));
    assertThat(asked.poll()).containsSubsequence("control's answer", "candidate's answer");
    assertThat(asked.poll()).containsSubsequence("candidate's answer", "control's answer");
  }

  @Test
  void shouldCountAWinOnlyInBothOrders() throws PortException {
    assertThat(judged("B", "A").wins()).isEqualTo(1);
    assertThat(judged("A", "B").losses()).isEqualTo(1);
    // Always the first: it prefers a place.
    Judged swayed = judged("A", "A");
    assertThat(swayed.swayed()).isEqualTo(1);
    assertThat(swayed.wins() + swayed.losses() + swayed.ties()).isZero();
    assertThat(swayed.agreement()).isZero();
  }

  @Test
  void shouldNotInventAJudgement() throws PortException {
    Judged judged = judged("C", "A");

    assertThat(judged.unreadable()).isEqualTo(1);
    assertThat(judged.p()).isEqualTo(1);
    assertThat(JudgePrompt.read("Both are good.")).isNull();
    assertThat(JudgePrompt.read("```json\n{\"reason\": \"x\", \"better\": \"b\"}\n```"))
        .isEqualTo(JudgePrompt.Preference.SECOND);
  }

  private static Judged judged(String straight, String swapped) throws PortException {
    Deque<String> replies = new ArrayDeque<>(List.of(straight, swapped));
    ModelJudge judge =
        (system, user) ->
            new ModelJudge.Reply(
                "{\"reason\": \"so\", \"better\": \"" + replies.remove() + "\"}", 0, 0);
    return Judged.none(JudgePrompt.CURRENT).plus(PAIR, JudgePrompt.CURRENT, judge);
  }
}
