package io.serin.analytics.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The judge's state is integer counts: how units are spread over partitions, and in which order
 * their records arrive, cannot change a bit of what it finds.
 */
class JudgeOrderTest {
  private static final Split SPLIT =
      Split.all("control").reweight(Map.of("control", 7_500, "candidate", 2_500));
  private static final int REQUESTS = 4_000;

  /** A observation or a rating. */
  private record Seen(long eventTime, Object what, int partition) {}

  @Test
  void shouldFindTheSameWhateverThePartitionsAndTheirInterleaving() throws RolloutFileException {
    List<Seen> seen = traffic(new Random(1));
    List<Finding> wanted = findings(judge(seen, new Cells()));

    assertThat(wanted).hasSize(9);
    assertThat(wanted)
        .as("evidence of every kind")
        .allMatch(finding -> finding.units().candidate() > 50);
    boolean reordered = false;
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      // Each partition lags by up to the grace; within a partition order is kept.
      long[] lag = new long[2 + random.nextInt(3)];
      for (int i = 0; i < lag.length; i++) {
        lag[i] = random.nextLong(Strata.GRACE);
      }
      List<Seen> arriving = new ArrayList<>(seen);
      arriving.sort(Comparator.comparingLong(s -> s.eventTime() + lag[s.partition() % lag.length]));

      assertThat(findings(judge(arriving, new Cells())).equals(wanted))
          .as("the same findings for seed " + seed)
          .isTrue();
      reordered |= !arriving.equals(seen);
    }
    assertThat(reordered).isTrue();
  }

  @Test
  void shouldFindTheSameAfterItsCellsWereKeptAndReadAgain() throws RolloutFileException {
    List<Seen> seen = traffic(new Random(2));
    List<Finding> wanted = findings(judge(seen, new Cells()));
    Map<CellKey, long[]> store = new HashMap<>();
    Random random = new Random(3);
    for (int from = 0; from < seen.size(); ) {
      int to = Math.min(seen.size(), from + 1 + random.nextInt(900));
      Cells cells = Cells.of(store);
      judge(seen.subList(from, to), cells);
      cells
          .drain()
          .forEach(
              (name, values) -> {
                CellKey read = CellCodec.read(CellCodec.write(name));
                if (values.length == 0) {
                  store.remove(read);
                } else {
                  store.put(read, values);
                }
              });
      from = to;
    }

    assertThat(findings(new Judge(file(), Cells.of(store)))).isEqualTo(wanted);
  }

  @Test
  void shouldMergeWhatPartitionsCountedByAddition() throws RolloutFileException {
    List<Seen> seen = traffic(new Random(4));
    Map<String, Finding> wanted = byName(judge(seen, new Cells()));
    Map<CellKey, long[]> sums = new HashMap<>();
    for (int partition = 0; partition < 4; partition++) {
      int own = partition;
      Cells cells = new Cells();
      judge(seen.stream().filter(s -> s.partition() == own).toList(), cells);
      cells.all().forEach((name, counts) -> sums.merge(name, counts, (a, b) -> merge(name, a, b)));
    }
    Map<String, Finding> merged = byName(new Judge(file(), Cells.of(sums)));

    for (String name : List.of("error.rate", "refusal.rate", "feedback", "cache.hit")) {
      assertThat(merged.get(name)).as(name).isEqualTo(wanted.get(name));
    }
  }

  private static long[] merge(CellKey key, long[] a, long[] b) {
    long[] sum = new long[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] =
          key.owner().endsWith("|first") || key.owner().endsWith("|judged")
              ? Math.min(a[i], b[i])
              : a[i] + b[i];
    }
    return sum;
  }

  private static Judge judge(List<Seen> seen, Cells cells) throws RolloutFileException {
    Judge judge = new Judge(file(), cells);
    for (Seen each : seen) {
      if (each.what() instanceof Observation observation) {
        judge.observe(observation);
      } else if (each.what() instanceof FirstRating rated) {
        judge.rate(rated);
      }
    }
    return judge;
  }

  private static List<Finding> findings(Judge judge) {
    return judge.guards().stream().map(CandidateGuard::finding).toList();
  }

  private static Map<String, Finding> byName(Judge judge) {
    Map<String, Finding> findings = new HashMap<>();
    judge.guards().forEach(w -> findings.put(w.finding().guard().metric().text(), w.finding()));
    return findings;
  }

  private static RolloutFile file() throws RolloutFileException {
    return RolloutFileReader.read(
        """
        rollout: assistant
        variants:
          control:   {url: http://localhost:8101/v1}
          candidate: {url: http://localhost:8102/v1}
        guards:
          - {metric: latency.p50, worseBy: 20%, then: rollback}
          - {metric: latency.p95, worseBy: 20%, then: rollback}
          - {metric: error.rate,  worseBy: 0, atLeast: 0.5pp, then: rollback}
          - {metric: feedback,    worseBy: 0, atLeast: 2pp, then: rollback}
          - {metric: cache.hit,   worseBy: 0, atLeast: 5pp, then: rollback}
          - {metric: tokens,      worseBy: 50%, then: flag}
          - {metric: refusal.rate, differentBy: 0, then: investigate}
          - {metric: tpot.p90,    worseBy: 20%, then: flag}
          - {metric: duration.p50, worseBy: 20%, then: flag}
        """);
  }

  /** Users who return, in the order of event time; a partition holds all of a user. */
  private static List<Seen> traffic(Random random) {
    Map<Integer, UnitHistory> histories = new HashMap<>();
    List<Seen> seen = new ArrayList<>();
    long time = 1_000_000;
    for (int i = 0; i < REQUESTS; i++) {
      time += 1 + random.nextInt(400);
      int user = random.nextInt(2_500);
      boolean candidate = user % 16 < 4;
      UnitHistory history = histories.computeIfAbsent(user, u -> new UnitHistory());
      Observation.End end =
          random.nextDouble() < 0.05 ? Observation.End.FAILED : Observation.End.OK;
      long ttft = Math.round(90_000 * Math.exp(random.nextGaussian() / 2) * (candidate ? 1.2 : 1));
      long tokens = 2 + Math.round(100 * Math.exp(random.nextGaussian() / 2));
      boolean ok = end == Observation.End.OK;
      Boolean refusal = ok ? random.nextDouble() < 0.04 : null;
      Long cached = ok ? Long.valueOf(random.nextBoolean() ? 64 : 0) : null;
      UnitHistory.Request request =
          new UnitHistory.Request(
              1,
              SPLIT,
              candidate ? "candidate" : "control",
              0,
              time,
              end,
              Boolean.TRUE.equals(refusal),
              true,
              ttft,
              ttft + tokens * 20_000,
              200L,
              ok ? tokens : null,
              cached,
              0);
      UnitHistory.Seeing news = history.see(request);
      if (news.news().tells()) {
        seen.add(new Seen(time, observation(user, request, refusal, news), user % 4));
      }
      if (random.nextDouble() < 0.3) {
        history
            .rate(
                new UnitHistory.Rating(
                    0,
                    request.variant(),
                    time,
                    random.nextDouble() < 0.3,
                    new EventId("r", 0, (long) i)))
            .ifPresent(
                rated ->
                    seen.add(new Seen(rated.rating().eventTime(), rated(user, rated), user % 4)));
      }
    }
    return seen;
  }

  private static Observation observation(
      int user, UnitHistory.Request request, @Nullable Boolean refusal, UnitHistory.Seeing seeing) {
    return new Observation(
        "run-1",
        request.stage(),
        "u" + user,
        request.variant(),
        request.eventTime(),
        seeing.label().name(),
        seeing.label().slots(),
        SPLIT.weights(),
        seeing.news(),
        request.streamed(),
        request.end(),
        request.ttftMicros(),
        request.durationMicros(),
        request.completionTokens(),
        refusal,
        request.cachedTokens());
  }

  private static FirstRating rated(int user, UnitHistory.RatingSeen seen) {
    return new FirstRating(
        "run-1",
        0,
        "u" + user,
        seen.rating().variant(),
        seen.rating().eventTime(),
        seen.label().name(),
        seen.label().slots(),
        seen.rating().bad());
  }
}
