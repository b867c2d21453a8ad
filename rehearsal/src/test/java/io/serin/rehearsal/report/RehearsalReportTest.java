package io.serin.rehearsal.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.Outcome;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a report says of what topics told: no broker, no socket. */
class RehearsalReportTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant FIRST_BAD = START.plusMillis(10_004);

  private final Records seen = new Records();
  private final List<Sent> sent = new ArrayList<>();
  private long sequence;

  @Test
  void shouldTellHowLongABadCandidateServedAndHowMuch() {
    aRehearsalThatRollsBack();

    RehearsalReport report = report(Expectation.ROLLBACK, FIRST_BAD);

    assertThat(report.met()).isTrue();
    assertThat(report.exitCode()).isZero();
    assertThat(report.untilGone()).isEqualTo(Duration.ofMillis(13_250 - 10_004));
    assertThat(report.candidateServed()).isEqualTo(3);
    assertThat(report.candidateServedSinceFirstBad()).isEqualTo(2);
    assertThat(report.hidden()).isEqualTo(1);
    assertThat(ReportText.of(report))
        .contains("Decided: rolled back in stage 25%, as expected.")
        .contains("Guard error.rate: log e-value 6.10 against a threshold of 5.52")
        .contains("From the first bad answer to the last router at 0 %: 3.246 s.")
        .contains("The candidate served 2 requests from its first bad answer on (3 in all).")
        .contains("Clients: 4 requests, 4 whole answers, no error.")
        .contains(
            "Counted: 4 of 4 requests exactly once on serin.requests; serin.metrics sums to 4.");
    assertThat(ReportJson.of(report))
        .contains("\"decided\" : \"ROLLBACK\"")
        .contains("\"fromFirstBadToLastRouterMillis\" : 3246");
  }

  @Test
  void shouldNotTakeARollbackBeforeTheFaultForASuccess() {
    aRehearsalThatRollsBack();

    RehearsalReport report = report(Expectation.ROLLBACK, START.plusSeconds(20));

    assertThat(report.exitCode()).isEqualTo(RehearsalReport.EXIT_UNEXPECTED);
    assertThat(report.metBecause()).isEqualTo("it came before the candidate's first bad answer");
  }

  @Test
  void shouldNameARouterThatHasNotAcknowledged() {
    aRehearsalThatRollsBack();
    seen.ack("router-2", "first", START.plusMillis(12_900), 1);

    RehearsalReport report = report(Expectation.ROLLBACK, FIRST_BAD);

    assertThat(report.met()).isFalse();
    assertThat(report.untilGone()).isNull();
    assertThat(report.metBecause()).isEqualTo("not confirmed by router-2");
  }

  @Test
  void shouldNotWaitForARouterThatHadBeenSilent() {
    aRehearsalThatRollsBack();
    seen.ack("router-2", "first", START.plusMillis(2_000), 1);

    assertThat(report(Expectation.ROLLBACK, FIRST_BAD).met()).isTrue();
  }

  @Test
  void shouldSayThatNothingWasDecided() {
    request("a", 1_000, "candidate", "OK");
    window(1, 1);
    enter();

    assertThat(report(Expectation.HOLD, null).exitCode()).isZero();
    assertThat(report(Expectation.ROLLBACK, null).metBecause())
        .isEqualTo("a rollback was expected");
    assertThat(report(Expectation.PROMOTE, null).exitCode())
        .isEqualTo(RehearsalReport.EXIT_UNEXPECTED);
  }

  @Test
  void shouldKnowAPromotion() {
    enter();
    seen.command(2, START.plusMillis(5_000), RolloutState.PROMOTED, 0, "25%", 10_000);

    assertThat(report(Expectation.PROMOTE, null).met()).isTrue();
  }

  @Test
  void shouldCountCopiesOfARecordOnce() {
    request("a", 1_000, "control", "OK");
    attempt("e-1", "a", 1_000, "control", "ASSIGNED", true, "OK");
    attempt("e-1", "a", 1_000, "control", "ASSIGNED", true, "OK");
    window(1, 1);
    Reconciliation counts = report(Expectation.ANY, null).counts();

    assertThat(counts.copies()).isEqualTo(2);
    assertThat(counts.exact()).isTrue();
  }

  @Test
  void shouldFindWhatWasLostDoubledOrContradicted() {
    request("a", 1_000, "control", "OK");
    attempt("other", "a", 1_000, "control", "ASSIGNED", true, "OK");
    request("b", 1_000, "control", "TIMEOUT");
    sent.add(sent("c", "OK", true));
    window(1, 3);

    Reconciliation counts = report(Expectation.ANY, null).counts();

    assertThat(counts.doubled()).containsExactly("a");
    assertThat(counts.contradicted()).containsExactly("b");
    assertThat(counts.lost()).containsExactly("c");
    assertThat(counts.exact()).isFalse();
    assertThat(report(Expectation.ANY, null).exitCode()).isEqualTo(RehearsalReport.EXIT_MISCOUNTED);
    assertThat(ReportText.of(report(Expectation.ANY, null)))
        .contains("NOT EXACT: 1 request was answered but on no topic (c).");
  }

  @Test
  void shouldSeeThatTheMetricsMissARequest() {
    request("a", 1_000, "control", "OK");
    request("b", 1_000, "control", "OK");
    window(1, 1);

    assertThat(report(Expectation.ANY, null).counts().problems())
        .containsExactly("serin.metrics holds 1 requests, serin.requests 2");
    window(2, 2);
    assertThat(report(Expectation.ANY, null).counts().exact()).isTrue();
    window(1, 1);
    assertThat(report(Expectation.ANY, null).counts().exact()).as("an older update").isTrue();
  }

  @Test
  void shouldTellTheDeadRoutersRequestsFromThoseThatNeverReachedIt() {
    seen.ack("router", "first", START.plusMillis(1_000), 1);
    attempt("e-1", "a", 5_000, "control", "ASSIGNED", true, "ROUTER_DIED");
    sent.add(sent("a", "CUT", true));
    sent.add(sent("b", "NEVER_CONNECTED", false));
    window(1, 1);
    Instant killed = START.plusMillis(5_000);
    seen.ack("router", "second", START.plusMillis(7_400), 1);

    RehearsalReport report =
        report(
            Expectation.ANY,
            null,
            List.of(new Facts.Kill("router", killed, Duration.ofMillis(2_100))),
            Map.of());

    assertThat(report.counts().exact()).isTrue();
    assertThat(report.counts().diedWithRouter()).isEqualTo(1);
    assertThat(report.counts().neverReached()).containsExactly("b");
    assertThat(report.exitCode()).isZero();
    assertThat(report.recoveries().getFirst().works()).isEqualTo(Duration.ofMillis(2_400));
    assertThat(ReportText.of(report))
        .contains("1 more requests never reached a router.")
        .contains("1 are counted as cut by the death of their router.")
        .contains("Killed: router; it answered after 2.100 s s".replace(" s s", " s"));
  }

  @Test
  void shouldExcuseOnlyWhatADeadRouterHadUnderWay() {
    for (String id : List.of("a", "b")) {
      attempt("e-" + id, id, 5_000, "control", "ASSIGNED", true, "CUT");
    }
    sent.add(sent("a", "CUT", true, 4_950));
    sent.add(sent("b", "CUT", true, 9_000));
    window(1, 2);
    Instant killed = START.plusMillis(5_000);

    RehearsalReport report =
        report(
            Expectation.ANY,
            null,
            List.of(new Facts.Kill("router", killed, Duration.ofSeconds(2))),
            Map.of());

    assertThat(report.excused()).containsExactly(Map.entry("CUT", 1L));
    assertThat(report.unexcused()).as("cut two seconds after the router was back").isEqualTo(1);
  }

  @Test
  void shouldMeasureTheTimeFromTheKillToDecidingAgain() {
    for (int millis : new int[] {1_000, 2_000, 5_050, 12_000, 12_500}) {
      seen.input(START.plusMillis(millis));
    }

    Recovery recovery =
        Recovery.of(
            new Facts.Kill("analytics", START.plusMillis(5_000), Duration.ofSeconds(3)),
            "assistant",
            seen.snapshot());

    assertThat(recovery.works())
        .as("not the last breath at 5.050 s")
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(recovery.longestGap()).isEqualTo(Duration.ofMillis(6_950));
  }

  @Test
  void shouldHoldErrorsOfClientsAgainstSerin() {
    request("a", 1_000, "control", "OK");
    attempt("e-2", "b", 1_000, "control", "ASSIGNED", true, "HTTP_ERROR");
    sent.add(sent("b", "HTTP_ERROR", true));
    window(1, 2);

    assertThat(report(Expectation.ANY, null).exitCode())
        .isEqualTo(RehearsalReport.EXIT_CLIENT_ERROR);
    assertThat(
            report(
                    Expectation.ANY,
                    null,
                    List.of(new Facts.Kill("analytics", START, null)),
                    Map.of())
                .exitCode())
        .as("killing analytics is no excuse")
        .isEqualTo(RehearsalReport.EXIT_CLIENT_ERROR);
  }

  @Test
  void shouldExcuseOnlyAsManyCutAnswersAsTheModelWasToldToCut() {
    for (String id : List.of("a", "b")) {
      attempt(id, id, 1_000, "candidate", "ASSIGNED", true, "CUT");
      sent.add(sent(id, "CUT", true));
    }
    window(1, 2);

    assertThat(report(Expectation.ANY, null, List.of(), Map.of("cut-stream", 2L)).exitCode())
        .isZero();
    assertThat(report(Expectation.ANY, null, List.of(), Map.of("cut-stream", 1L)).unexcused())
        .isEqualTo(1);
  }

  @Test
  void shouldShowSplitRatesGuardsAndEventsWhileItRuns() {
    aRehearsalThatRollsBack();

    List<String> lines =
        LiveText.of(
            START,
            START.plusMillis(13_000),
            "run",
            new LiveText.Clients(4, 3, 0, 1),
            seen.snapshot());

    assertThat(lines)
        .anyMatch(
            line -> line.contains("t+ 13.0 s   clients: 4 begun, 3 ended, 0 errors, 1 under way"))
        .anyMatch(line -> line.contains("split       control 100 %   revision 2, rolled_back"))
        .anyMatch(line -> line.startsWith("candidate") && line.contains("50.0 % failed"))
        .anyMatch(
            line -> line.contains("guard       error.rate") && line.contains("log e 6.10 of 5.52"))
        .anyMatch(line -> line.contains("t+13.1 s  rolled back: error.rate"));
  }

  private void aRehearsalThatRollsBack() {
    enter();
    seen.ack("router", "first", START.plusMillis(500), 1);
    request("a", 1_000, "candidate", "OK");
    request("b", 11_000, "candidate", "OK");
    attempt("e-c1", "c", 10_004, "candidate", "ASSIGNED", false, "HTTP_ERROR");
    attempt("e-c2", "c", 10_150, "control", "FALLBACK", true, "OK");
    sent.add(sent("c", "OK", true));
    request("d", 12_000, "control", "OK");
    seen.verdict(
        "v-2",
        START.plusMillis(13_100),
        0,
        "error.rate",
        Decision.ROLLBACK,
        6.1,
        "errors are worse");
    seen.ack("router", "first", START.plusMillis(12_800), 1);
    seen.command(2, START.plusMillis(13_120), RolloutState.ROLLED_BACK, 0, "25%", 0);
    seen.event(
        START.plusMillis(13_120),
        0,
        "25%",
        EventKind.ROLLED_BACK,
        "error.rate rolled back",
        Map.of());
    seen.ack("router", "first", START.plusMillis(13_250), 2);
    seen.ack("router", "first", START.plusMillis(14_250), 2);
    window(1, 4);
  }

  private void enter() {
    seen.command(1, START.minusSeconds(2), RolloutState.RUNNING, 0, "25%", 2_500);
    seen.event(
        START.minusSeconds(2), 0, "25%", EventKind.STAGE_ENTERED, "Stage 25% begins", Map.of());
  }

  private void request(String id, long atMillis, String variant, String outcome) {
    attempt("e-" + ++sequence, id, atMillis, variant, "ASSIGNED", true, outcome);
    sent.add(sent(id, "OK", true));
  }

  private void window(long update, long requests) {
    seen.window("run", 10_000, START, update, requests);
    seen.window("run", 60_000, START, update, requests);
    seen.window("another", 10_000, START, update, 99);
  }

  private RehearsalReport report(Expectation expectation, @Nullable Instant firstBad) {
    return report(expectation, firstBad, List.of(), Map.of());
  }

  private RehearsalReport report(
      Expectation expectation,
      @Nullable Instant firstBad,
      List<Facts.Kill> kills,
      Map<String, Long> kinds) {
    return RehearsalReport.of(
        new Facts(
            "assistant",
            "run",
            expectation,
            List.of("25%"),
            firstBad == null ? List.of() : List.of("candidate:errors=30%@10s"),
            null,
            firstBad != null,
            Set.of("candidate"),
            START,
            START.plusSeconds(30),
            List.copyOf(sent),
            0,
            List.of(new Model("candidate", 10, firstBad == null ? 0 : 1, firstBad, 2, kinds)),
            seen.snapshot(),
            kills,
            true));
  }

  private static Sent sent(String id, String outcome, boolean answered) {
    return sent(id, outcome, answered, 5_000);
  }

  private static Sent sent(String id, String outcome, boolean answered, long atMillis) {
    return new Sent(
        id,
        outcome,
        answered,
        START.plusMillis(atMillis),
        100,
        answered ? 120_000L : null,
        130_000,
        null);
  }

  private void attempt(
      String eventId,
      String id,
      long atMillis,
      String served,
      String why,
      boolean last,
      String outcome) {
    seen.attempt(
        eventId,
        id,
        START.plusMillis(atMillis),
        0,
        served,
        Why.valueOf(why),
        last,
        Outcome.valueOf(outcome));
  }
}
