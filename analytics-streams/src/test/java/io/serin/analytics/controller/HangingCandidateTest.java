package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.observation.Observation.End;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.WaitingMarks;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Evidence while it happens: routers say at marks that attempts are still running. */
class HangingCandidateTest {
  /** Longer than every test; the routers' deadline ends it. */
  private static final double HANGS = 120_000;

  private record Heard(
      long at, String unit, int slot, End end, long micros, String request, long order) {}

  private final PolicyHarness serin = new PolicyHarness();
  private final PriorityQueue<Heard> underWay =
      new PriorityQueue<>(Comparator.comparingLong(Heard::at).thenComparingLong(Heard::order));
  private SplittableRandom random = new SplittableRandom(14);
  private boolean marks = true;
  private long order;
  private double startMillis = PolicyHarness.START;

  @ParameterizedTest
  @CsvSource({"5%, 100, 5000", "25%, 100, 3000", "50%, 100, 3000", "50%, 1, 120000"})
  void shouldRollBackAHangingCandidateAsSoonAsItsEvidenceStands(
      String weight, double perSecond, long withinMillis) {
    run(weight);
    traffic(perSecond, perSecond > 10 ? 60 : 1_000, x -> x, x -> x);
    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);

    long began = serin.now();
    traffic(perSecond, perSecond > 10 ? 60 : 600, x -> x, x -> HANGS);

    assertThat(serin.phase()).isEqualTo(RolloutState.ROLLED_BACK);
    Output.Event why = serin.told(EventKind.ROLLED_BACK);
    assertThat(why.at() - began).isLessThanOrEqualTo(withinMillis);
    assertThat(why.text()).contains("still waiting after");
  }

  /** From 10 s to 60 s: most answers of the candidate are still under way when it is judged. */
  @Test
  void shouldRollBackAnswersThatBecomeSixTimesSlowerWithoutTakingThemForABrokenSplit() {
    run("25%");
    traffic(50, 120, x -> 100 * x, x -> 100 * x);

    long began = serin.now();
    traffic(50, 120, x -> 100 * x, x -> 600 * x);

    assertThat(serin.told(EventKind.ROLLED_BACK).at() - began).isLessThan(45_000);
    assertThat(serin.told).extracting(Output.Event::text).noneMatch(text -> text.contains("split"));
  }

  /** The margin is 20 %: slower by as much is allowed, however long answers take. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void shouldNotRollBackSlowAnswersAtTheMargin(long seed) {
    random = new SplittableRandom(seed);
    run("50%");

    traffic(50, 200, x -> 100 * x, x -> 120 * x);

    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
  }

  /** Routers of before this version say nothing before the end. */
  @Test
  void shouldJudgeByEndsAloneWhereNoRouterTellsProgress() {
    marks = false;
    run("25%");
    traffic(50, 60, x -> x, x -> x);

    traffic(50, 60, x -> x, x -> 2_000 + x);

    assertThat(serin.phase()).isEqualTo(RolloutState.ROLLED_BACK);
  }

  private void run(String weight) {
    serin.apply(
        "run-1",
        """
        rollout: assistant
        unit: [header:x-user-id]
        variants:
          control:   {url: http://localhost:8101/v1}
          candidate: {url: http://localhost:8102/v1}
        stages:
          - {weight: %s, for: 30d}
        """
            .formatted(weight));
    serin.obey("router");
  }

  /** Requests of new units; durations in milliseconds are those of a common law, changed by arm. */
  private void traffic(
      double perSecond,
      double seconds,
      DoubleUnaryOperator control,
      DoubleUnaryOperator candidate) {
    double end = startMillis + 1_000 * seconds;
    while (startMillis < end && RolloutStates.active(serin.phase())) {
      startMillis += 1_000 / perSecond;
      hear((long) startMillis);
      int slot = random.nextInt(Split.SLOTS);
      double law = 100 * Math.exp(PolicyHarness.gaussian(random) / 2);
      boolean ofControl = serin.variant(slot).equals("control");
      begin(slot, (long) startMillis, (ofControl ? control : candidate).applyAsDouble(law));
    }
  }

  private void begin(int slot, long startedAt, double millis) {
    String unit = "unit-" + random.nextLong();
    String request = "request-" + ++order;
    for (long mark = WaitingMarks.FIRST; marks && mark < millis; mark = WaitingMarks.after(mark)) {
      underWay.add(
          new Heard(startedAt + mark, unit, slot, End.RUNNING, mark * 1_000, request, ++order));
    }
    long micros = (long) (1_000 * millis);
    End end = millis >= HANGS ? End.FAILED : End.OK;
    underWay.add(new Heard(startedAt + (long) millis, unit, slot, end, micros, request, ++order));
  }

  private void hear(long until) {
    while (!underWay.isEmpty()
        && underWay.peek().at <= until
        && RolloutStates.active(serin.phase())) {
      Heard heard = underWay.remove();
      pass(heard.at);
      serin.observe(heard.unit, heard.slot, heard.end, heard.micros, heard.at, heard.request);
    }
    pass(until);
  }

  private void pass(long until) {
    if (until > serin.now()) {
      serin.pass(Duration.ofMillis(until - serin.now()));
    }
  }
}
