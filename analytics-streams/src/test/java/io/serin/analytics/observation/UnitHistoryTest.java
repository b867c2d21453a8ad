package io.serin.analytics.observation;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.EventId;
import io.serin.schemas.UnitState;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UnitHistoryTest {
  private static final long DAY = 86_400_000;
  private static final Split FIVE =
      Split.all("control").reweight(Map.of("control", 9_500, "candidate", 500));
  private static final Split QUARTER = FIVE.reweight(Map.of("control", 7_500, "candidate", 2_500));

  @Test
  void shouldKnowNothingOfANewUnit() {
    UnitHistory.Seeing news = see(new UnitHistory(), 2, QUARTER, "candidate", 1);

    assertThat(news.label().name()).isEqualTo("0-10000");
    assertThat(news.label().slots()).isEqualTo(Map.of("control", 7_500, "candidate", 2_500));
  }

  @Test
  void shouldKnowThatAnEarlierControlUnitLiesInWhatControlHad() {
    UnitHistory history = new UnitHistory();
    see(history, 1, FIVE, "control", 0);

    UnitHistory.Seeing news = see(history, 2, QUARTER, "candidate", 1);

    assertThat(news.label().slots())
        .as("(.25 − .05) / (1 − .05)")
        .isEqualTo(Map.of("control", 7_500, "candidate", 2_000));
  }

  @Test
  void shouldLearnNothingFromAnEarlierCandidateUnitThatStays() {
    UnitHistory history = new UnitHistory();
    see(history, 1, FIVE, "candidate", 0);

    assertThat(see(history, 2, QUARTER, "candidate", 1).label().slots())
        .isEqualTo(Map.of("control", 0, "candidate", 500));
  }

  @Test
  void shouldTakeANewRevisionOfTheSameSplitForTheSame() {
    UnitHistory history = new UnitHistory();
    see(history, 1, QUARTER, "candidate", 0);

    assertThat(see(history, 2, QUARTER, "candidate", 0).label().slots())
        .isEqualTo(Map.of("control", 7_500, "candidate", 2_500));
  }

  @Test
  void shouldTellFirstEventsOnce() {
    UnitHistory history = new UnitHistory();
    UnitHistory.Seeing first = fail(history);
    UnitHistory.Seeing second =
        fail(new UnitHistory(UnitState.newBuilder(history.state()).build()));

    assertThat(first.news().first() && first.news().firstError()).isTrue();
    assertThat(first.news().peaks()).containsEntry(Measure.LATENCY, -1L);
    assertThat(second.news().tells()).isFalse();
  }

  @Test
  void shouldTellTheFirstOfEachKindAndOfEachDay() {
    UnitHistory history = new UnitHistory();
    history.see(request(1, FIVE, "control", 0).streamed(100, 1_100, 11).build());
    UnitHistory.Seeing whole = history.see(request(1, FIVE, "control", 0).whole(900).build());
    UnitHistory.Seeing slower =
        again(history).see(request(1, FIVE, "control", 0).streamed(300, 1_000, 5).build());
    UnitHistory.Seeing tomorrow =
        history.see(request(1, FIVE, "control", 0).at(DAY).streamed(90, 1_000, 5).build());
    UnitHistory.Seeing later =
        again(history).see(request(1, FIVE, "control", 0).at(DAY).streamed(900, 1_000, 5).build());

    assertThat(whole.news().first()).isFalse();
    assertThat(whole.news().firstOfKind()).isTrue();
    assertThat(slower.news().tells()).as("the day has one first value of each kind").isFalse();
    assertThat(tomorrow.news().peaks())
        .containsOnlyKeys(Measure.LATENCY, Measure.DURATION, Measure.TPOT, Measure.TOKENS);
    assertThat(tomorrow.news().first()).isFalse();
    assertThat(later.news().tells()).isFalse();
  }

  @Test
  void shouldLeaveOutAConversationThatBeganUnderAnEarlierSplit() {
    UnitHistory history = new UnitHistory();
    history.see(request(1, FIVE, "control", 0).answers(0, 50).build());
    UnitHistory.Seeing turn =
        history.see(request(1, FIVE, "control", 0).answers(1, 120).streamed(50, 9_000, 5).build());
    UnitHistory.Seeing moved =
        again(history).see(request(2, QUARTER, "candidate", 1).answers(2, 300).build());
    UnitHistory.Seeing next =
        history.see(request(2, QUARTER, "candidate", 1).answers(3, 400).build());
    UnitHistory.Seeing begun =
        history.see(request(2, QUARTER, "candidate", 1).answers(0, 40).build());

    assertThat(turn.news()).isNotEqualTo(Observation.FirstEvents.NONE);
    assertThat(moved.news()).isEqualTo(Observation.FirstEvents.NONE);
    assertThat(next.news()).isEqualTo(Observation.FirstEvents.NONE);
    assertThat(begun.news().first()).as("a new conversation is the first request").isTrue();
    assertThat(begun.label().slots()).isEqualTo(Map.of("control", 7_500, "candidate", 2_000));
  }

  @Test
  void shouldLeaveOutAConversationThatWasOpenWhenItsUnitWasFirstSeen() {
    UnitHistory history = new UnitHistory();
    UnitHistory.Seeing open =
        history.see(request(1, FIVE, "candidate", 0).answers(4, 900).whole(9_000).build());
    UnitHistory.Seeing more =
        again(history).see(request(1, FIVE, "candidate", 0).answers(5, 990).build());
    UnitHistory.Seeing begun = history.see(request(1, FIVE, "candidate", 0).answers(0, 40).build());

    assertThat(open.news()).isEqualTo(Observation.FirstEvents.NONE);
    assertThat(more.news()).isEqualTo(Observation.FirstEvents.NONE);
    assertThat(begun.news().first()).as("a new conversation is the first request").isTrue();
  }

  @Test
  void shouldTellFollowUpsThatTheCacheStillHolds() {
    UnitHistory history = new UnitHistory();
    UnitHistory.Seeing first =
        history.see(request(1, FIVE, "control", 0).at(0).answers(0, 50).cached(0L).build());
    UnitHistory.Seeing late =
        history.see(request(1, FIVE, "control", 0).at(400_000).answers(1, 90).cached(0L).build());
    UnitHistory.Seeing soon =
        again(history)
            .see(request(1, FIVE, "control", 0).at(500_000).answers(2, 190).cached(64L).build());

    assertThat(first.news().firstCached()).isTrue();
    assertThat(first.news().firstFollowUp()).isFalse();
    assertThat(late.news().firstFollowUp()).as("after the cache's time").isFalse();
    assertThat(soon.news().firstFollowUp()).isTrue();
  }

  @Test
  void shouldTellOneRatingOfAStageWithTheClassOfItsFirstRequest() {
    UnitHistory history = new UnitHistory();
    assertThat(history.rate(rating(0, true))).as("its request is not known yet").isEmpty();
    UnitHistory.Seeing first = history.see(request(1, FIVE, "candidate", 0).whole(10).build());

    UnitHistory known = again(history);
    assertThat(known.waiting(0))
        .get()
        .satisfies(
            seen -> {
              assertThat(seen.rating().bad()).isTrue();
              assertThat(seen.label()).isEqualTo(first.label());
            });
    assertThat(again(known).waiting(0)).isEmpty();
    assertThat(again(known).rate(rating(0, false))).as("a second rating").isEmpty();
  }

  private static UnitHistory.Rating rating(int stage, boolean bad) {
    return new UnitHistory.Rating(stage, "candidate", 5, bad, new EventId("i", 0, 1L));
  }

  private static UnitHistory again(UnitHistory history) {
    return new UnitHistory(UnitState.newBuilder(history.state()).build());
  }

  @Test
  void shouldGiveLabelsTheProbabilityThatSlotsHave() {
    Random random = new Random(1);
    Split half = QUARTER.reweight(Map.of("control", 5_000, "candidate", 5_000));
    Map<String, double[]> byClass = new HashMap<>();
    for (int i = 0; i < 40_000; i++) {
      int slot = random.nextInt(Split.SLOTS);
      UnitHistory history = new UnitHistory();
      if (random.nextBoolean()) {
        see(history, 1, FIVE, owner(FIVE, slot), 0);
      }
      if (random.nextBoolean()) {
        see(history, 2, QUARTER, owner(QUARTER, slot), 1);
      }
      UnitHistory.Seeing news = see(history, 3, half, owner(half, slot), 2);
      double candidate = news.label().slots().getOrDefault("candidate", 0);
      double[] sums = byClass.computeIfAbsent(news.label().name(), c -> new double[3]);
      sums[0]++;
      sums[1] += owner(half, slot).equals("candidate") ? 1 : 0;
      sums[2] = candidate / (candidate + news.label().slots().getOrDefault("control", 0));
    }

    assertThat(byClass).hasSizeGreaterThanOrEqualTo(4);
    byClass.forEach(
        (name, sums) ->
            assertThat(Math.abs(sums[1] / sums[0] - sums[2]))
                .as(name)
                .isLessThan(4 * Math.sqrt(0.25 / sums[0])));
  }

  private static String owner(Split split, int slot) {
    return split.slices().stream()
        .filter(range -> range.from() <= slot && slot < range.to())
        .findFirst()
        .orElseThrow()
        .variant();
  }

  private static UnitHistory.Seeing see(
      UnitHistory history, long revision, Split split, String variant, int stage) {
    return history.see(request(revision, split, variant, stage).streamed(1_000, 2_000, 3).build());
  }

  private static UnitHistory.Seeing fail(UnitHistory history) {
    return history.see(request(1, FIVE, "control", 0).failed().build());
  }

  @Test
  void shouldExposeAUnitOnceThoughItsFirstRequestIsHeardOfThreeTimes() {
    UnitHistory history = new UnitHistory();

    UnitHistory.Seeing mark = hear(history, "a", waiting(1_000));
    UnitHistory.Seeing other = hear(history, "b", request(1, FIVE, "control", 0).whole(300));
    UnitHistory.Seeing later = hear(history, "a", waiting(2_000));
    UnitHistory.Seeing end = hear(history, "a", request(1, FIVE, "control", 0).whole(2_500_000));
    UnitHistory.Seeing next = hear(history, "c", request(1, FIVE, "control", 0).whole(300));

    assertThat(mark.news().first()).isTrue();
    assertThat(mark.progress().toldMicros()).as("heard of for the first time").isZero();
    assertThat(other.news().first()).as("another request of the unit").isFalse();
    assertThat(later.progress().toldMicros()).isEqualTo(1_000_000);
    assertThat(end.news().first()).isTrue();
    assertThat(end.progress().toldMicros()).isEqualTo(2_000_000);
    assertThat(next.news().first()).isFalse();
    assertThat(history.state().getStages().getFirst().getRunning()).isEmpty();
  }

  @Test
  void shouldLearnNothingFromMarksThatComeTwiceLateOrAfterTheEnd() {
    UnitHistory history = new UnitHistory();
    hear(history, "a", waiting(2_000));

    assertThat(hear(history, "a", waiting(2_000)).news().tells()).as("twice").isFalse();
    assertThat(hear(history, "a", waiting(1_000)).news().tells()).as("out of order").isFalse();
    hear(history, "a", request(1, FIVE, "control", 0).whole(5_000_000));
    assertThat(hear(history, "a", waiting(4_000)).news().tells()).as("after the end").isFalse();
  }

  @Test
  void shouldTellTheFirstRequestOfADayWhenItEnds() {
    UnitHistory history = new UnitHistory();
    hear(history, "a", request(1, FIVE, "control", 0).whole(300));

    assertThat(hear(history, "b", waiting(1_000).at(DAY)).news().tells()).isFalse();
    assertThat(
            hear(history, "b", request(1, FIVE, "control", 0).at(DAY + 1).whole(1_500_000))
                .news()
                .peaks())
        .containsOnlyKeys(Measure.LATENCY, Measure.DURATION);
  }

  private static RequestBuilder waiting(long millis) {
    return request(1, FIVE, "control", 0).running(millis * 1_000);
  }

  private static UnitHistory.Seeing hear(UnitHistory history, String id, RequestBuilder request) {
    return history.see(request.build(), id, 0);
  }

  private static RequestBuilder request(long revision, Split split, String variant, int stage) {
    return new RequestBuilder(revision, split, variant, stage);
  }

  private static final class RequestBuilder {
    private final long revision;
    private final Split split;
    private final String variant;
    private final int stage;
    private long at = 1;
    private Observation.End end = Observation.End.OK;
    private boolean streamed;
    private @Nullable Long ttft;
    private long duration = 1_000;
    private @Nullable Long prompt;
    private @Nullable Long tokens;
    private @Nullable Long cached;
    private @Nullable Integer answers;

    RequestBuilder(long revision, Split split, String variant, int stage) {
      this.revision = revision;
      this.split = split;
      this.variant = variant;
      this.stage = stage;
    }

    RequestBuilder at(long eventTime) {
      at = eventTime;
      return this;
    }

    RequestBuilder failed() {
      end = Observation.End.FAILED;
      streamed = true;
      return this;
    }

    RequestBuilder streamed(long ttftMicros, long durationMicros, long completionTokens) {
      streamed = true;
      ttft = ttftMicros;
      duration = durationMicros;
      tokens = completionTokens;
      return this;
    }

    RequestBuilder running(long durationMicros) {
      end = Observation.End.RUNNING;
      duration = durationMicros;
      return this;
    }

    RequestBuilder whole(long durationMicros) {
      duration = durationMicros;
      return this;
    }

    RequestBuilder answers(int prior, long promptTokens) {
      answers = prior;
      prompt = promptTokens;
      return this;
    }

    RequestBuilder cached(long cachedTokens) {
      cached = cachedTokens;
      return this;
    }

    UnitHistory.Request build() {
      return new UnitHistory.Request(
          revision, split, variant, stage, at, end, false, streamed, ttft, duration, prompt, tokens,
          cached, answers);
    }
  }
}
