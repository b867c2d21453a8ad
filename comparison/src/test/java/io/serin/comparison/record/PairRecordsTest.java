package io.serin.comparison.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.comparison.ComparedMetric;
import io.serin.comparison.PairDifference;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.ToolCall;
import io.serin.comparison.review.Judgement.Better;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PairRecordsTest {
  private static final PairDifference.Comparer COMPARER = new PairDifference.Comparer();
  private static final Question QUESTION =
      new Question("q", "u", "What is the capital of France?", true, null, Map.of());

  @Test
  void shouldReadTheEventsAndDifferencesThatItWrote() {
    PairDifference written =
        compare(
            "{\"capital\": \"Paris\"}",
            "I'm sorry, but I can't help with that request.\n\n- a list\n- of two\n\n```");

    PairDifference read = PairRecords.served(record(written)).orElseThrow();

    for (ComparedMetric metric : ComparedMetric.values()) {
      if (metric.kind() == ComparedMetric.Kind.EVENT) {
        assertThat(read.event(metric, true)).as(metric.id()).isEqualTo(written.event(metric, true));
        assertThat(read.event(metric, false))
            .as(metric.id())
            .isEqualTo(written.event(metric, false));
      }
    }
    assertThat(read.equal()).isEqualTo(written.equal());
    assertThat(read.sameWords()).isEqualTo(written.sameWords());
    assertThat(read.similarity()).isEqualTo(written.similarity());
    assertThat(read.segments()).isEqualTo(written.segments());
    assertThat(read.asked()).isEqualTo(written.asked());
    assertThat(read.control().markdown()).isEqualTo(written.control().markdown());
    assertThat(read.candidate().markdown()).isEqualTo(written.candidate().markdown());
  }

  @ParameterizedTest
  @EnumSource(Better.class)
  void shouldReadTheJudgesWordThatItWrote(Better better) {
    assertThat(PairRecords.better(PairRecords.word(better))).isEqualTo(better);
  }

  @Test
  void shouldNotKnowTheWordOfANewerJudge() {
    assertThat(PairRecords.better("both")).isNull();
  }

  @ParameterizedTest
  @EnumSource(Outcome.class)
  void shouldCallFailedWhatCountsAsFailed(Outcome outcome) {
    Measurement measurement =
        Measurement.newBuilder().setOutcome(outcome).setDurationMicros(1).build();

    Answered side = PairRecords.answered(measurement, null, null);

    boolean failed =
        side != null
            && (side.outcome() == io.serin.comparison.answer.AnswerOutcome.FAILED
                || side.outcome() == io.serin.comparison.answer.AnswerOutcome.EMPTY);
    assertThat(failed).isEqualTo(Outcomes.failed(outcome));
  }

  @Test
  void shouldSayNothingOfToolsThatOneSideIsNotKnownToHaveCalled() {
    PairDifference written = compare("Paris", "Paris");
    ShadowResult result = record(written);
    Objects.requireNonNull(result.getServed().getTraits()).setToolCalls(null);

    PairDifference read = PairRecords.served(result).orElseThrow();

    assertThat(read.candidate().toolCalls()).isZero();
    assertThat(read.candidate().toolsReadable()).isNull();
  }

  private static PairDifference compare(String control, String candidate) {
    return COMPARER.compare(new Pair(QUESTION, answered(control), answered(candidate), null));
  }

  private static Answered answered(String text) {
    return Objects.requireNonNull(
        PairRecords.answered(measurement(), text, List.of(new ToolCall("f", "{}"))));
  }

  private static Measurement measurement() {
    return Measurement.newBuilder()
        .setOutcome(Outcome.OK)
        .setDurationMicros(2_000)
        .setFinishReason("stop")
        .build();
  }

  private static ShadowResult record(PairDifference pair) {
    return ShadowResult.newBuilder()
        .setRequestId("q")
        .setAt(Instant.EPOCH)
        .setRollout("r")
        .setRun("run")
        .setStage(0)
        .setUnit("u")
        .setEndpoint("chat.completions")
        .setServed(side(pair, false))
        .setCandidate(side(pair, true))
        .setServedDifference(PairRecords.difference(pair, true))
        .setAsked(PairRecords.asked(QUESTION, pair))
        .build();
  }

  private static ShadowSide side(PairDifference pair, boolean candidate) {
    return ShadowSide.newBuilder()
        .setVariant(candidate ? "candidate" : "control")
        .setMeasurement(measurement())
        .setTextLength(candidate ? pair.candidate().length() : pair.control().length())
        .setJson(false)
        .setTraits(PairRecords.traits(candidate ? pair.candidate() : pair.control(), true))
        .build();
  }
}
