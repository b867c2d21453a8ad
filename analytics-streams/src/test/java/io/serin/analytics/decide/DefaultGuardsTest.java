package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every guard of a file that names none, through the whole topology: it fires on a real difference,
 * and not on an equal candidate. Seeded; each test prints how many requests it took.
 */
class DefaultGuardsTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: SHARE}
      """;

  private DecideHarness serin = new DecideHarness();

  @AfterEach
  void close() {
    serin.close();
  }

  /** What the candidate does to a request; control is as it is. */
  private interface Change {
    void to(RequestEvent.Builder request, Random random);
  }

  private record Outcome(int requests, Map<String, Verdict> last) {
    Verdict last(String metric) {
      return Objects.requireNonNull(last.get(metric), metric);
    }
  }

  @Test
  void shouldLetAnEqualCandidateBe() {
    Outcome outcome = run("25%", 7, 800, (request, random) -> {});

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
    assertThat(outcome.last().values())
        .extracting(Verdict::getDecision)
        .containsOnly(Decision.CONTINUE);
    assertThat(outcome.last()).hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"25%", "50%"})
  void shouldRollBackASlowCandidate(String share) {
    Outcome outcome =
        run(
            share,
            1,
            6_000,
            (request, random) -> {
              request.getMeasurement().setTtftMicros(2 * request.getMeasurement().getTtftMicros());
              request.setClientTtftMicros(request.getMeasurement().getTtftMicros());
            });

    assertRolledBack("latency.p", outcome, "TTFT doubled at " + share);
  }

  @Test
  void shouldRollBackACandidateThatFails() {
    Outcome outcome =
        run(
            "25%",
            2,
            3_000,
            (request, random) -> {
              if (random.nextDouble() < 0.1) {
                DecideHarness.failed(request);
              }
            });

    assertRolledBack("error.rate", outcome, "errors 1 % → 11 % at 25%");
  }

  @Test
  void shouldRollBackACandidateThatFailsWhereFailuresAreCommon() {
    Outcome outcome =
        run(
            "50%",
            2,
            3_000,
            (request, random) -> {
              if (random.nextDouble() < 0.35) {
                DecideHarness.failed(request);
              }
            },
            (request, random) -> {
              if (random.nextDouble() < 0.25) {
                DecideHarness.failed(request);
              }
            });

    assertThat(outcome.last("error.rate").getDecision()).isEqualTo(Decision.ROLLBACK);
    print("errors 25 % → 35 % of units at 50%", outcome);
  }

  @Test
  void shouldRollBackOnWorseFeedback() {
    Outcome outcome = runRated("50%", 3, 3_000, 0.4, 0.2, 0.5);

    assertRolledBack("feedback", outcome, "thumbs down 20 % → 50 % of raters at 50%");
  }

  @Test
  void shouldRollBackWhereThumbsDownRiseAloneAlthoughMoreUnitsRate() {
    runRated("50%", 4, 900, 0.8, 0.2, 0.6);

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
  }

  @Test
  void shouldFlagFeedbackWhereTheCandidatesUnitsRateMoreOfBoth() {
    Outcome outcome = runRated("50%", 4, 900, 0.8, 0.2, 0.2);

    assertThat(serin.newest().getState()).isNotEqualTo(RolloutState.ROLLED_BACK);
    assertThat(outcome.last("feedback").getDecision()).isEqualTo(Decision.FLAG);
    assertThat(outcome.last("feedback").getText()).contains("of its units rate");
  }

  @Test
  void shouldFlagTokensAndInvestigateRefusals() {
    run(
        "50%",
        5,
        1_000,
        (request, random) -> {
          request
              .getMeasurement()
              .setCompletionTokens(3 * request.getMeasurement().getCompletionTokens());
          request.getMeasurement().setRefusal(random.nextDouble() < 0.15);
        });

    assertThat(serin.newest().getState()).isEqualTo(RolloutState.RUNNING);
    assertThat(serin.event(EventKind.FLAGGED).getDetails()).containsEntry("metric", "tokens");
    assertThat(serin.event(EventKind.INVESTIGATE).getDetails())
        .containsEntry("metric", "refusal.rate");
  }

  @Test
  void shouldNotRollBackAnIdenticalModelWithAColdCache() {
    ColdCaches caches = new ColdCaches();
    Outcome outcome = run("10%", 6, 5_000, caches::candidate, caches::control);

    assertThat(serin.newest().getState())
        .as(String.valueOf(serin.events.getLast()))
        .isEqualTo(RolloutState.RUNNING);
    Verdict hits = outcome.last("cache.hit");
    Verdict latency = outcome.last("latency.p50");
    assertThat(hits.getDecision()).isEqualTo(Decision.FLAG);
    assertThat(latency.getDecision()).isEqualTo(Decision.FLAG);
    assertThat(latency.getFlagLogE())
        .as("where the rule were switched off it would be rolled back")
        .isGreaterThan(latency.getThreshold());
    System.out.printf(
        "cold cache at 10 %%, identical model: misses %.2f, control %.2f; TTFT p50 ratio %.2f; flags, no rollback in %d%n",
        hits.getCandidateEstimate(),
        hits.getControlEstimate(),
        latency.getCandidateEstimate() / latency.getControlEstimate(),
        outcome.requests());
  }

  @Test
  void shouldRollBackALowerHitRateAtEqualSharesOnceTheCacheIsWarm() {
    serin.apply("run-1", FILE.replace("SHARE", "50%"));
    Random random = new Random(8);
    int requests = 0;
    int warm = 0;
    for (int user = 0; user < 5_000 && running(); user++) {
      RequestEvent.Builder request = plain("u" + user, random);
      boolean candidate = request.getAssignedVariant().equals("candidate");
      boolean hit = random.nextDouble() < (candidate ? 0.3 : 0.7);
      request.getMeasurement().setCachedTokens(hit ? 64L : 0L);
      serin.send(request.build());
      serin.advance(Duration.ofSeconds(1));
      requests++;
      warm += requests <= 3_600 ? 1 : 0;
    }

    assertThat(warm).as("requests of the first hour, when its cache may be cold").isEqualTo(3_600);
    assertRolledBack(
        "cache.hit",
        new Outcome(requests, last()),
        "cache hits 70 % → 30 % at 50%, from an hour on");
  }

  @Test
  void shouldRollBackALowerHitRateOfFollowUpTurnsAtAnyShare() {
    serin.apply("run-1", FILE.replace("SHARE", "25%"));
    Random random = new Random(9);
    int requests = 0;
    for (int user = 0; user < 3_000 && running(); user++) {
      for (int turn = 0; turn < 2 && running(); turn++) {
        RequestEvent.Builder request = plain("u" + user, random);
        boolean candidate = request.getAssignedVariant().equals("candidate");
        request.setPriorAnswers(turn);
        request.getMeasurement().setPromptTokens(100L + 200L * turn);
        boolean hit = turn == 1 && random.nextDouble() < (candidate ? 0.4 : 0.95);
        request.getMeasurement().setCachedTokens(hit ? 64L : 0L);
        serin.send(request.build());
        serin.advance(Duration.ofMillis(50));
        requests++;
      }
    }

    assertRolledBack(
        "cache.hit", new Outcome(requests, last()), "hits of follow-ups 95 % → 40 % at 25%");
  }

  @Test
  void shouldSayThatGuardsWithoutDataOfControlAreNotApplicable() {
    serin.apply("run-1", FILE.replace("SHARE", "25%"));
    for (int i = 0; i < 60; i++) {
      RequestEvent.Builder request = serin.request("u" + i);
      request.getMeasurement().setRefusal(null);
      serin.send(request.build());
    }
    serin.advance(Duration.ofSeconds(11));
    Outcome outcome = new Outcome(60, last());

    for (String metric : new String[] {"feedback", "cache.hit", "tokens", "refusal.rate"}) {
      assertThat(outcome.last(metric).getDecision()).as(metric).isEqualTo(Decision.NOT_APPLICABLE);
    }
    assertThat(outcome.last("latency.p50").getDecision()).isEqualTo(Decision.CONTINUE);
    assertThat(outcome.last("error.rate").getDecision()).isEqualTo(Decision.CONTINUE);
    assertThat(serin.eventKinds()).contains(EventKind.NOT_APPLICABLE);

    RequestEvent request = serin.request("u1").build();
    serin.rate(serin.thumb(request, true));
    String control = unitOf("control");
    serin.send(serin.request(control).build());
    serin.rate(serin.thumb(serin.request(control).build(), true));
    serin.advance(Duration.ofSeconds(11));
    assertThat(new Outcome(62, last()).last("feedback").getDecision())
        .as("once control has produced something")
        .isEqualTo(Decision.CONTINUE);
  }

  /**
   * 300 prefixes asked by Zipf's law, a cache each, ten minutes of time to live: both arms alike.
   */
  private final class ColdCaches {
    private static final int PREFIXES = 300;
    private static final long TTL = 60_000;
    private final Map<String, Long> asked = new HashMap<>();
    private final double[] cumulative = new double[PREFIXES];

    ColdCaches() {
      double sum = 0;
      for (int i = 0; i < PREFIXES; i++) {
        sum += 1.0 / (i + 1);
        cumulative[i] = sum;
      }
    }

    void candidate(RequestEvent.Builder request, Random random) {
      ask("candidate", request, random);
    }

    void control(RequestEvent.Builder request, Random random) {
      ask("control", request, random);
    }

    private void ask(String variant, RequestEvent.Builder request, Random random) {
      double at = random.nextDouble() * cumulative[PREFIXES - 1];
      int prefix = 0;
      while (cumulative[prefix] < at) {
        prefix++;
      }
      long now = serin.now().toEpochMilli();
      Long before = asked.put(variant + prefix, now);
      boolean hit = before != null && now - before <= TTL;
      request.getMeasurement().setCachedTokens(hit ? 800L : 0L);
      if (!hit) {
        request.getMeasurement().setTtftMicros(3 * request.getMeasurement().getTtftMicros());
        request.setClientTtftMicros(request.getMeasurement().getTtftMicros());
      }
    }
  }

  private Outcome run(String share, int seed, int most, Change candidate) {
    return run(share, seed, most, candidate, (request, random) -> {});
  }

  private Outcome run(String share, int seed, int most, Change candidate, Change control) {
    serin.apply("run-1", FILE.replace("SHARE", share));
    Random random = new Random(seed);
    int requests = 0;
    while (requests < most && running()) {
      RequestEvent.Builder request = plain("u" + requests, random);
      boolean ofCandidate = request.getAssignedVariant().equals("candidate");
      (ofCandidate ? candidate : control).to(request, random);
      RequestEvent sent = request.build();
      serin.send(sent);
      if (random.nextDouble() < 0.1) {
        serin.rate(serin.thumb(sent, random.nextDouble() < 0.8));
      }
      serin.advance(Duration.ofMillis(100));
      requests++;
    }
    serin.advance(Duration.ofSeconds(10));
    return new Outcome(requests, last());
  }

  private Outcome runRated(
      String share, int seed, int most, double candidateRates, double control, double candidate) {
    serin.apply("run-1", FILE.replace("SHARE", share));
    Random random = new Random(seed);
    int requests = 0;
    while (requests < most && running()) {
      RequestEvent sent = plain("u" + requests, random).build();
      boolean ofCandidate = sent.getAssignedVariant().equals("candidate");
      serin.send(sent);
      if (random.nextDouble() < (ofCandidate ? candidateRates : 0.4)) {
        serin.rate(serin.thumb(sent, random.nextDouble() >= (ofCandidate ? candidate : control)));
      }
      serin.advance(Duration.ofMillis(100));
      requests++;
    }
    serin.advance(Duration.ofSeconds(10));
    return new Outcome(requests, last());
  }

  /** A streamed answer of an ordinary model: 1 % errors, lognormal times and tokens. */
  private RequestEvent.Builder plain(String unit, Random random) {
    RequestEvent.Builder request = serin.request(unit);
    long ttft = Math.round(100_000 * Math.exp(random.nextGaussian() * 0.4));
    long tokens = 2 + Math.round(100 * Math.exp(random.nextGaussian() * 0.5));
    request.setStreamed(true);
    request.getMeasurement().setTtftMicros(ttft);
    request.getMeasurement().setDurationMicros(ttft + 20_000 * tokens);
    request.getMeasurement().setCompletionTokens(tokens);
    request.getMeasurement().setRefusal(random.nextDouble() < 0.01);
    request.getMeasurement().setPromptTokens(200L);
    request.getMeasurement().setCachedTokens(random.nextDouble() < 0.5 ? 64L : 0L);
    request.setClientTtftMicros(ttft);
    request.setClientDurationMicros(request.getMeasurement().getDurationMicros());
    if (random.nextDouble() < 0.01) {
      DecideHarness.failed(request);
    }
    return request;
  }

  private String unitOf(String variant) {
    for (int i = 0; ; i++) {
      if (DecideHarness.assigned(serin.newest(), "v" + i).equals(variant)) {
        return "v" + i;
      }
    }
  }

  private boolean running() {
    return serin.newest().getState() != RolloutState.ROLLED_BACK;
  }

  private Map<String, Verdict> last() {
    Map<String, Verdict> last = new HashMap<>();
    serin.verdicts.stream()
        .filter(verdict -> !verdict.getProcesses().isEmpty())
        .forEach(verdict -> last.put(verdict.getMetric(), verdict));
    return last;
  }

  private void assertRolledBack(String metric, Outcome outcome, String what) {
    assertThat(serin.newest().getState()).as(what).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serin.newest().getCause()).startsWith(metric);
    print(what, outcome);
  }

  private static void print(String what, Outcome outcome) {
    System.out.println(what + ": rolled back after " + outcome.requests() + " requests");
  }
}
