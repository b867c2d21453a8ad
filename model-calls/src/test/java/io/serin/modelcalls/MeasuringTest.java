package io.serin.modelcalls;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeasuringTest {
  private final Measuring measuring = new Measuring();

  @Test
  void shouldTakeAStreamForAGoodAnswerThoughNoneWasAskedFor() {
    Answer streamed = stream("Paris", "stop");

    assertThat(AttemptEnd.outcome(streamed, false, false)).isEqualTo(Outcome.OK);
    assertThat(AttemptEnd.outcome(streamed, true, false)).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldCallABodyMalformedWhereAStreamWasAskedFor() {
    Answer body =
        AnswerReader.ofBody()
            .finish(
                "{\"choices\":[{\"message\":{\"content\":\"Paris\"},\"finish_reason\":\"stop\"}]}"
                    .getBytes(StandardCharsets.UTF_8));

    assertThat(AttemptEnd.outcome(body, true, false)).isEqualTo(Outcome.MALFORMED);
    assertThat(AttemptEnd.outcome(body, false, false)).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldJudgeTheRefusalOfAnAnswerThatWasCut() {
    Measurement cut =
        measured(Outcome.CUT, stream("I'm sorry, but I can't help with that request.", null));

    assertThat(cut.getRefusal()).isTrue();
  }

  @Test
  void shouldTrustTheRefusalFieldOfAnAnswer() {
    Answer refused =
        body("{\"message\":{\"content\":null,\"refusal\":\"Nein.\"},\"finish_reason\":\"stop\"}");

    assertThat(measured(Outcome.OK, refused).getRefusal()).isTrue();
  }

  @Test
  void shouldNotJudgeWhatIsNotAnAnswer() {
    assertThat(measured(Outcome.MALFORMED, body("7")).getRefusal()).isNull();
    assertThat(measured(Outcome.OK, body("{\"message\":{\"content\":\" \"}}")).getRefusal())
        .isNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"CUT", "TIMEOUT", "CANCELLED"})
  void shouldEstimateTheTokensOfAStreamThatDidNotEnd(Outcome outcome) {
    assertThat(measured(outcome, stream("Par", null)).getCompletionTokens()).isEqualTo(3);
  }

  @Test
  void shouldNotEstimateTheTokensOfAWholeStream() {
    assertThat(measured(Outcome.OK, stream("Paris", "stop")).getCompletionTokens()).isNull();
  }

  @ParameterizedTest
  @EnumSource(
      names = {"HTTP_ERROR", "CONNECT_ERROR", "TIMEOUT", "CUT", "EMPTY", "MALFORMED"},
      mode = EnumSource.Mode.INCLUDE)
  void shouldCountWhatAVariantGotWrongAsFailed(Outcome outcome) {
    assertThat(Outcomes.failed(outcome)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"OK", "CANCELLED", "REJECTED", "ROUTER_DIED", "UNKNOWN"})
  void shouldNotBlameAVariantForClientsAndRouters(Outcome outcome) {
    assertThat(Outcomes.failed(outcome)).isFalse();
  }

  private Measurement measured(Outcome outcome, Answer answer) {
    return measuring.of(
        new AttemptEnd(outcome, 200, answer, AttemptEnd.Times.of(1_000, 9_000), 100, 3));
  }

  private static Answer body(String choice) {
    return AnswerReader.ofBody()
        .finish(("{\"choices\":[" + choice + "]}").getBytes(StandardCharsets.UTF_8));
  }

  private static Answer stream(String text, @Nullable String finish) {
    AnswerReader reader = AnswerReader.ofStream();
    String reason = finish == null ? "null" : "\"" + finish + "\"";
    String event =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            + text
            + "\"},\"finish_reason\":"
            + reason
            + "}]}\n\n";
    reader.feed(event.getBytes(StandardCharsets.UTF_8));
    return reader.finish();
  }
}
