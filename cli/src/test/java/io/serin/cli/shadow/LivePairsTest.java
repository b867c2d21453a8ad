package io.serin.cli.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.compare.CompareJson;
import io.serin.cli.compare.CompareText;
import io.serin.cli.compare.Compared;
import io.serin.cli.compare.HtmlReport;
import io.serin.cli.shadow.LivePairs.Against;
import io.serin.cli.shadow.LivePairs.Wanted;
import io.serin.comparison.ComparedMetric;
import io.serin.comparison.ComparisonSettings;
import io.serin.comparison.Conclusion;
import io.serin.schemas.AnswerDifference;
import io.serin.schemas.AnswerTraits;
import io.serin.schemas.AskedFor;
import io.serin.schemas.Judgement;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LivePairsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Wanted NEWEST =
      new Wanted("assistant", "run-2", Against.CONTROL, null, null, 50_000);

  @Test
  void shouldCompareLivePairsAsFilesAreCompared() throws Exception {
    LivePairs pairs = pairs(NEWEST, 200);
    pairs.add(skipped("s1", "budget-over"));
    pairs.add(result("old", "run-1", true, true));

    Compared compared = pairs.compare(ComparisonSettings.DEFAULT);

    assertThat(compared.report().pairs()).isEqualTo(200);
    assertThat(compared.report().metrics())
        .filteredOn(finding -> finding.estimate().metric() == ComparedMetric.REFUSED)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Conclusion.WORSE);
              assertThat(finding.estimate().candidateOnly()).isEqualTo(40);
              assertThat(finding.estimate().low()).isPositive();
            });
    assertThat(compared.report().segments())
        .anyMatch(finding -> "language=de".equals(finding.segment()) && finding.found());
    assertThat(CompareText.of(compared))
        .contains("assistant, run run-2: 201 results, skipped {budget-over=1}")
        .contains("control, replayed beside")
        .contains("refused")
        .contains("latency");
  }

  @Test
  void shouldShowTextsByTheirRequestIdsWhereTheyAreKept() throws Exception {
    LivePairs pairs = pairs(NEWEST, 200);
    Set<String> held = pairs.held();
    pairs.add(example(id(0), "run-2", "Write to ann@example.com"), held);
    pairs.add(example("nobody", "run-2", "of no pair"), held);

    Compared compared = pairs.compare(new ComparisonSettings(0.05, 25, 40));

    assertThat(compared.report().examples())
        .hasSize(40)
        .anySatisfy(
            example -> {
              assertThat(example.id()).as("can be looked up").isEqualTo(id(0));
              assertThat(example.reasons()).contains("refuses where control does not");
              assertThat(example.prompt()).isEqualTo("Write to [email]");
              assertThat(example.candidate()).isEqualTo("I cannot help with that.");
              assertThat(example.control()).isEqualTo("Gladly.");
            })
        .anySatisfy(example -> assertThat(example.candidate()).isEqualTo("[text not kept]"));
    assertThat(HtmlReport.of(compared))
        .contains(id(0) + ": the candidate refuses")
        .contains("run-2");
    ObjectNode json = new ObjectMapper().createObjectNode();
    CompareJson.add(compared, json);
    assertThat(json.path("examples").findValuesAsText("id")).contains(id(0));
  }

  @Test
  void shouldHoldNoMoreThanToldWhateverComesFirst() throws Exception {
    Wanted few = new Wanted("assistant", "run-2", Against.CONTROL, null, null, 50);
    LivePairs forth = new LivePairs(few);
    LivePairs back = new LivePairs(few);
    for (int i = 0; i < 200; i++) {
      forth.add(result("r" + i, "run-2", i % 5 == 0, true));
      back.add(result("r" + (199 - i), "run-2", (199 - i) % 5 == 0, true));
    }

    assertThat(forth.held()).hasSize(50).isEqualTo(back.held());
    assertThat(forth.compare(ComparisonSettings.DEFAULT).source())
        .contains("50 of 200 pairs drawn");
  }

  @Test
  void shouldCompareWithWhatWasServedWhereControlWasNotReplayed() throws Exception {
    LivePairs none = new LivePairs(NEWEST);
    none.add(result("r1", "run-2", true, false));
    assertThatThrownBy(() -> none.compare(ComparisonSettings.DEFAULT))
        .hasMessageContaining("1 results and no pair")
        .hasMessageContaining("--against served");

    LivePairs served =
        new LivePairs(new Wanted("assistant", "run-2", Against.SERVED, null, null, 10));
    served.add(result("r1", "run-2", true, false));
    assertThat(served.compare(ComparisonSettings.DEFAULT).source())
        .contains("latencies are not evidence");
  }

  @Test
  void shouldSumUpWhatAJudgeSaid() throws Exception {
    LivePairs pairs = new LivePairs(NEWEST);
    for (int i = 0; i < 30; i++) {
      ShadowResult result = result(id(i), "run-2", false, true);
      result.setSemanticSimilarity(0.5);
      result.setSemanticNoise(0.9);
      result.setSemanticAtLeast(0.8);
      result.setJudgement(
          Judgement.newBuilder()
              .setAgainst("control-replayed")
              .setBetter(i < 20 ? "other" : "swayed")
              .setPrompt("pairwise-1")
              .setModel("m")
              .setPromptTokens(200)
              .setCompletionTokens(20)
              .setCost(0.01)
              .build());
      pairs.add(result);
    }

    assertThat(CompareText.of(pairs.compare(ComparisonSettings.DEFAULT)))
        .contains("Judge: candidate wins 0, loses 20, ties 10 of 30")
        .contains("agrees with itself in the other order 67 %")
        .contains("6000 + 600 tokens, cost 0.3000")
        .contains("Embeddings: similarity 0.500 over 30 pairs")
        .contains("control with itself 0.900")
        .containsPattern("judged-worse .*worse")
        .containsPattern("other-meaning .*worse");
  }

  @Test
  void shouldSayWhatThereIsInsteadOfWhatWasAskedFor() {
    LivePairs other = new LivePairs(NEWEST);
    other.add(result("r1", "run-1", true, true));
    ShadowResult backfilled = result("r2", "run-1", true, true);
    backfilled.setBackfill("try-2");
    other.add(backfilled);
    assertThatThrownBy(() -> other.compare(ComparisonSettings.DEFAULT))
        .hasMessageContaining("run run-2 of assistant has no results")
        .hasMessageContaining("for --run: {run-1=1}")
        .hasMessageContaining("backfills: {try-2=1}");

    LivePairs two = new LivePairs(NEWEST);
    two.add(result("r1", "run-2", true, true));
    ShadowResult second = result("r1", "run-2", true, true);
    second.getCandidate().setVariant("second");
    two.add(second);
    assertThatThrownBy(() -> two.compare(ComparisonSettings.DEFAULT))
        .hasMessageContaining("[candidate, second]: name one with --candidate");
  }

  private static LivePairs pairs(Wanted wanted, int count) {
    LivePairs pairs = new LivePairs(wanted);
    for (int i = 0; i < count; i++) {
      pairs.add(result(id(i), "run-2", i % 5 == 0, true));
    }
    return pairs;
  }

  /** As long as the router's own are. */
  private static String id(int number) {
    return "0f3c9d2e5b7a41c8-" + number + "-4155552671-knNLaz3rLEZ6LnK8kDRHg";
  }

  private static ShadowResult result(String id, String run, boolean refuses, boolean beside) {
    ShadowSide candidate = side("candidate", refuses ? "full" : "none", refuses ? 24 : 30);
    return ShadowResult.newBuilder()
        .setRequestId(id)
        .setAt(NOON)
        .setRollout("assistant")
        .setRun(run)
        .setStage(0)
        .setUnit("unit-" + id)
        .setEndpoint("chat.completions")
        .setServed(side("control", "none", 28))
        .setCandidate(candidate)
        .setControl(beside ? side("control", "none", 29) : null)
        .setAsked(
            AskedFor.newBuilder()
                .setLanguage(refuses ? "de" : "en")
                .setSegments(List.of("language=" + (refuses ? "de" : "en")))
                .build())
        .setServedDifference(AnswerDifference.newBuilder().setSimilarity(0.5).build())
        .setControlDifference(
            beside ? AnswerDifference.newBuilder().setSimilarity(0.5).build() : null)
        .build();
  }

  private static ShadowResult skipped(String id, String reason) {
    ShadowResult result = result(id, "run-2", false, false);
    result.setSkipped(reason);
    return result;
  }

  private static ShadowSide side(String variant, @Nullable String refusal, int length) {
    return ShadowSide.newBuilder()
        .setVariant(variant)
        .setMeasurement(
            Measurement.newBuilder().setOutcome(Outcome.OK).setDurationMicros(9_000).build())
        .setTextLength(length)
        .setTraits(AnswerTraits.newBuilder().setRefusal(refusal).setJson(false).build())
        .build();
  }

  private static ShadowExample example(String id, String run, String asked) {
    return ShadowExample.newBuilder()
        .setRequestId(id)
        .setAt(NOON)
        .setRollout("assistant")
        .setRun(run)
        .setUnit("unit-" + id)
        .setCandidate("candidate")
        .setAskedText(asked)
        .setServedText("Sure.")
        .setControlText("Gladly.")
        .setCandidateText("I cannot help with that.")
        .build();
  }
}
