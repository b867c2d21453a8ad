package io.serin.rehearsal.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.Outcome;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import io.serin.schemas.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A pipeline's stages as commands, events and verdicts tell of them, and what is expected of it.
 */
class StageTimelineTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<String> STAGES = List.of("shadow", "5%", "25%", "100%");
  private static final int[] SHARES = {0, 500, 2_500, 9_500};

  private final Records seen = new Records();
  private long revision;

  @Test
  void shouldTellWhatEachStageEndedOn() {
    enter(0, 0);
    enter(1, 10);
    verdict(1, 15, "error.rate", Decision.CONTINUE, 0.2);
    verdict(1, 19, "error.rate", Decision.CONTINUE, 0.4);
    attempt(1, 16, "candidate");
    attempt(1, 17, "control");
    enter(2, 20);
    tell(2, 25, EventKind.FLAGGED, Map.of("metric", "tokens"));
    enter(3, 30);
    command(3, 40, RolloutState.PROMOTED, 10_000);

    RehearsalReport report = report(Expectation.PROMOTE, null);
    StageStay second = report.stages().stays().get(1);

    assertThat(report.met()).as(report.metBecause()).isTrue();
    assertThat(report.stages().names()).isEqualTo(STAGES);
    assertThat(second.length(START)).isEqualTo(Duration.ofSeconds(10));
    assertThat(second.evidence()).singleElement().extracting(Verdict::getLogE).isEqualTo(0.4);
    assertThat(second.served())
        .containsExactly(Map.entry("candidate", 1L), Map.entry("control", 1L));
    assertThat(second.endedBecause()).isEqualTo("cause of stage 25%");
    assertThat(report.stages().stays().getLast().ending()).isEqualTo(StageStay.Ending.PROMOTED);
    assertThat(ReportText.of(report))
        .contains(
            "  5%         +10.0 s …    +20.0 s  candidate 5 %, control 95 %; 1 to candidate, 1 to control")
        .contains("error.rate   continue    ln E   0.40 of  5.52  finding")
        .contains("→ next stage: cause of stage 25%")
        .contains("→ promoted: cause of stage 100%");
    assertThat(ReportJson.of(report)).contains("\"ended\" : \"PROMOTED\"", "\"name\" : \"25%\"");
  }

  @Test
  void shouldSayInWhichStageTheRollbackCame() {
    enter(0, 0);
    enter(1, 10);
    enter(2, 20);
    command(2, 26, RolloutState.ROLLED_BACK, 0);
    ack(26.2);

    assertThat(report(Expectation.ROLLBACK, "25%").met()).isTrue();
    assertThat(report(Expectation.ROLLBACK, "5%").metBecause())
        .isEqualTo("it came in stage 25%, not in stage 5% where the fault began");
    assertThat(ReportText.of(report(Expectation.ROLLBACK, "25%")))
        .contains("Decided: rolled back in stage 25%, as expected.")
        .contains("→ ROLLED BACK in this stage");
    assertThat(ReportJson.of(report(Expectation.ROLLBACK, "25%")))
        .contains("\"rolledBackInStage\" : \"25%\"");
  }

  @Test
  void shouldFindARollbackInShadow() {
    enter(0, 0);
    command(0, 8, RolloutState.ROLLED_BACK, 0);
    ack(8.2);

    assertThat(report(Expectation.ROLLBACK, "shadow").met()).isTrue();
  }

  @Test
  void shouldNoticeAStepThatWasSkippedOrRepeated() {
    enter(0, 0);
    enter(2, 10);
    enter(1, 20);

    assertThat(report(Expectation.ANY, null).exitCode()).isEqualTo(RehearsalReport.EXIT_UNEXPECTED);
    assertThat(report(Expectation.ANY, null).stages().problems())
        .containsExactly(
            "stage shadow (number 1) was followed by 25% (number 3)",
            "stage 25% (number 3) was followed by 5% (number 2)");
  }

  @Test
  void shouldNoticeAnEventThatWasToldTwiceOrNot() {
    enter(0, 0);
    enter(1, 10);
    tell(1, 11, EventKind.STAGE_ENTERED, Map.of());

    assertThat(report(Expectation.ANY, null).stages().problems())
        .containsExactly(
            "serin.events has the stages [shadow, 5%, 5%], serin.commands of [shadow, 5%]");
  }

  @Test
  void shouldNoticeARevisionThatFalls() {
    enter(0, 0);
    enter(1, 10);
    revision = 0;
    command(1, 11, RolloutState.RUNNING, 500);

    assertThat(report(Expectation.ANY, null).stages().problems())
        .containsExactly("revision 1 was ordered after revision 2");
  }

  @Test
  void shouldNotTakeARenewalOrAFreezeForAStep() {
    enter(0, 0);
    enter(1, 10);
    revision--;
    command(1, 12, RolloutState.RUNNING, 500);
    command(1, 13, RolloutState.FROZEN, 500);
    command(1, 14, RolloutState.RUNNING, 500);

    assertThat(report(Expectation.HOLD, null).met()).isTrue();
    assertThat(report(Expectation.HOLD, null).stages().stays()).hasSize(2);
  }

  @Test
  void shouldWantEveryStageBeforeAPromotion() {
    enter(0, 0);
    enter(1, 10);
    command(1, 20, RolloutState.PROMOTED, 10_000);

    assertThat(report(Expectation.PROMOTE, null).metBecause())
        .isEqualTo("it went through the stages [shadow, 5%], not [shadow, 5%, 25%, 100%]");
  }

  @Test
  void shouldWantTheFlagOfTheFaultsOwnMetric() {
    enter(0, 0);
    enter(1, 10);
    tell(1, 15, EventKind.FLAGGED, Map.of("metric", "cache.hit"));

    assertThat(report(Expectation.FLAG, "5%").metBecause()).isEqualTo("a flag was expected");
    tell(1, 16, EventKind.FLAGGED, Map.of("metric", "tokens"));
    assertThat(report(Expectation.FLAG, "5%").met()).isTrue();
    assertThat(report(Expectation.FLAG, "25%").metBecause())
        .isEqualTo("it came in stage 5%, not in stage 25% where the fault began");
    assertThat(report(Expectation.INVESTIGATE, "5%").metBecause())
        .isEqualTo("a call to investigate was expected");
    command(1, 20, RolloutState.ROLLED_BACK, 0);
    assertThat(report(Expectation.FLAG, "5%").metBecause())
        .isEqualTo("a flag was expected, not a rollback");
  }

  @Test
  void shouldDrawAPageThatNeedsNothingElse() {
    enter(0, 0);
    enter(1, 10);
    verdict(1, 15, "error.rate", Decision.ROLLBACK, 6.1);
    attempt(1, 14, "candidate");
    command(1, 15, RolloutState.ROLLED_BACK, 0);
    ack(15.2);

    String page = ReportHtml.of(report(Expectation.ROLLBACK, "5%"));

    assertThat(page)
        .startsWith("<!doctype html>")
        .contains(
            "<rect class=\"stage bad\"", "<path class=\"share\"", "<path class=\"rate candidate\"")
        .contains(
            "<rect class=\"guard rollback\"", ">rolled back</text>", ">first bad answer</text>")
        .contains("Rolled back in stage 5%")
        .doesNotContain("http://", "https://", "<script", "NaN", "Infinity");
  }

  private void enter(int stage, double at) {
    command(stage, at, RolloutState.RUNNING, SHARES[stage]);
    tell(stage, at, EventKind.STAGE_ENTERED, Map.of());
  }

  private void command(int stage, double at, RolloutState state, int share) {
    seen.command(++revision, at(at), state, stage, STAGES.get(stage), share);
  }

  private void tell(int stage, double at, EventKind kind, Map<String, String> details) {
    seen.event(at(at), stage, STAGES.get(stage), kind, kind.name(), details);
  }

  private void verdict(int stage, double at, String metric, Decision decision, double logE) {
    seen.verdict(metric + at, at(at), stage, metric, decision, logE, "finding");
  }

  private void attempt(int stage, double at, String served) {
    seen.attempt("e" + at, "r" + at, at(at), stage, served, Why.ASSIGNED, true, Outcome.OK);
  }

  private void ack(double at) {
    seen.ack("router", "first", at(at), 99);
  }

  private RehearsalReport report(Expectation expectation, @Nullable String faultStage) {
    Instant firstBad = faultStage == null ? null : at(5);
    return RehearsalReport.of(
        new Facts(
            "assistant",
            "run",
            expectation,
            STAGES,
            faultStage == null ? List.of() : List.of("candidate:tokens=3x@stage:" + faultStage),
            faultStage,
            faultStage != null,
            Set.of("candidate"),
            START,
            at(45),
            new ArrayList<>(),
            0,
            List.of(
                new Model(
                    "candidate",
                    10,
                    0,
                    firstBad,
                    2,
                    faultStage == null ? Map.of() : Map.of("tokens", 3L))),
            seen.snapshot(),
            List.of(),
            true));
  }

  private static Instant at(double seconds) {
    return START.plusMillis(Math.round(seconds * 1e3));
  }
}
