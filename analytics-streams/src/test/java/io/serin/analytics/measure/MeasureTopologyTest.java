package io.serin.analytics.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Tick;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.Why;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MeasureTopologyTest {
  private static final Instant NOON = Attempts.NOON;

  private final Path directory;

  MeasureTopologyTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private final Attempts router = new Attempts("journal-1");

  @Test
  void shouldTellTheWindowsOfARequestInEveryLength() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(router.request("r1", "control", NOON.plusMillis(61_500)));

      measure.settle();

      assertThat(measure.newlyTold())
          .extracting(
              VariantMetrics::getWindowMillis,
              VariantMetrics::getWindowStart,
              VariantMetrics::getRequests,
              VariantMetrics::getUpdate)
          .containsExactly(
              tuple(10_000L, NOON.plusSeconds(60), 1L, 1L),
              tuple(60_000L, NOON.plusSeconds(60), 1L, 1L),
              tuple(3_600_000L, NOON, 1L, 1L));
      VariantMetrics line = measure.standing(WindowSize.HOUR).getFirst();
      assertThat(line.getStageName()).isEqualTo("5%");
      assertThat(line.getAttempts()).isEqualTo(1);
      assertThat(line.getAssignedRequests()).isEqualTo(1);
      assertThat(line.getOutcomes()).containsExactly(entry("OK", 1L));
      assertThat(line.getClientOutcomes()).containsExactly(entry("OK", 1L));
      assertThat(line.getFinishReasons()).containsExactly(entry("stop", 1L));
      assertThat(line.getWhys()).containsExactly(entry("ASSIGNED", 1L));
      assertThat(line.getRefusalsJudged()).isEqualTo(1);
      assertThat(line.getCacheReported()).isEqualTo(1);
      assertThat(line.getCacheHits()).isZero();
      assertThat(line.getPromptTokens()).isEqualTo(100);
      assertThat(line.getCompletionTokens()).isEqualTo(50);
      assertThat(line.getDuration().getMean()).isEqualTo(120_000);
      assertThat(line.getDuration().getP95()).isCloseTo(120_000, within(1_200.0));
      assertThat(line.getTtft().getP50()).isCloseTo(40_000, within(400.0));
      assertThat(line.getTokens().getSketch().getCounts()).containsExactly(1L);
    }
  }

  @Test
  void shouldLeaveOutWhatATesterChose() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      RequestEvent tester =
          router.request("t1", "candidate", NOON, change -> change.setWhy(Why.OVERRIDE));
      FeedbackEvent rated = router.feedback("t1", "candidate", "thumb", -1, NOON);
      rated.setWhy(Why.OVERRIDE);
      measure.append(tester);
      measure.append(rated);
      measure.settle();
      assertThat(measure.newlyTold()).isEmpty();

      measure.append(router.request("r1", "candidate", NOON));
      measure.settle();

      VariantMetrics line = measure.standing(WindowSize.HOUR).getFirst();
      assertThat(line.getRequests()).isEqualTo(1);
      assertThat(line.getFeedbackCount()).isZero();
    }
  }

  static Stream<Topic> read() {
    return Stream.of(Topics.REQUESTS, Topics.FEEDBACK, Topics.SHADOW_RESULTS);
  }

  @ParameterizedTest
  @MethodSource("read")
  void shouldSkipAndCountPoisonAndMeasureOn(Topic topic) {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      RequestEvent huge =
          router.request("r0", "control", NOON, e -> e.setServedVariant("v".repeat(900_000)));
      RequestEvent negative =
          router.request("r0", "control", NOON, e -> e.setId(new EventId("router", 0, -1L)));
      measure.poison(topic, new byte[0]);
      measure.poison(topic, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
      measure.poison(topic, new byte[] {0, 0, 0, 0, 1, 0, 0});
      measure.poison(topic, null);
      measure.poison(topic, MeasureHarness.bytes(topic, new Tick(NOON)));
      measure.poison(topic, MeasureHarness.bytes(topic, huge));
      measure.poison(topic, MeasureHarness.bytes(topic, negative));

      measure.append(router.request("r1", "control", NOON));
      measure.settle();

      assertThat(requests(measure, WindowSize.TEN_SECONDS)).isEqualTo(1);
      assertThat(measure.meters.get("serin.records.skipped").tag("topic", topic.name()).counter())
          .satisfies(counter -> assertThat(counter.count()).isEqualTo(7));
    }
  }

  @Test
  void shouldCountARequestOnceWhenItsRouterPublishesItAgain() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      RequestEvent first = router.request("r1", "control", NOON);
      RequestEvent second = router.request("r2", "control", NOON);
      measure.append(first);
      measure.append(second);
      measure.settle();

      measure.append(first, NOON.plusSeconds(30));
      measure.append(second, NOON.plusSeconds(30));
      measure.settle();

      assertThat(requests(measure, WindowSize.TEN_SECONDS)).isEqualTo(2);
    }
  }

  @Test
  void shouldCountAFallbackAsTwoAttemptsAndOneRequest() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(
          router.request(
              "r1",
              "candidate",
              NOON,
              event -> {
                event.setLast(false);
                event.setClientOutcome(null);
                event.setMeasurement(Attempts.failed(Outcome.CONNECT_ERROR));
              }));
      measure.append(
          router.request(
              "r1",
              "candidate",
              NOON.plusMillis(200),
              event -> {
                event.setAttempt(2);
                event.setServedVariant("control");
                event.setWhy(Why.FALLBACK);
              }));

      measure.settle();

      assertThat(measure.standing(WindowSize.TEN_SECONDS))
          .extracting(
              VariantMetrics::getVariant,
              VariantMetrics::getAttempts,
              VariantMetrics::getRequests,
              VariantMetrics::getAssignedRequests,
              VariantMetrics::getFallbacks,
              VariantMetrics::getOutcomes)
          .containsExactlyInAnyOrder(
              tuple("candidate", 1L, 0L, 1L, 1L, Map.of("CONNECT_ERROR", 1L)),
              tuple("control", 1L, 1L, 0L, 0L, Map.of("OK", 1L)));
    }
  }

  @Test
  void shouldTellALateRequestAsANewUpdateOfItsWindow() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(router.request("r1", "control", NOON));
      measure.append(router.request("r2", "control", NOON.plusSeconds(3_000)));
      measure.settle();

      measure.append(
          router.request("late", "control", NOON.plusSeconds(5)), NOON.plusSeconds(3_001));
      measure.settle();

      assertThat(measure.standing(WindowSize.TEN_SECONDS))
          .extracting(
              VariantMetrics::getWindowStart,
              VariantMetrics::getRequests,
              VariantMetrics::getUpdate)
          .containsExactlyInAnyOrder(tuple(NOON, 2L, 2L), tuple(NOON.plusSeconds(3_000), 1L, 1L));
    }
  }

  @Test
  void shouldNotLetAFastClockOpenAWindowInTheFuture() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(router.request("r1", "control", NOON.plusSeconds(7_200)), NOON);
      measure.settle();

      assertThat(measure.standing(WindowSize.HOUR))
          .extracting(VariantMetrics::getWindowStart)
          .containsExactly(NOON);
    }
  }

  @Test
  void shouldTellTheLastWindowOfAQuietStreamWithoutAnotherRecord() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(router.request("r1", "candidate", NOON));

      measure.pass(Duration.ofMillis(250));
      assertThat(measure.newlyTold()).isEmpty();
      measure.pass(Duration.ofSeconds(1));

      assertThat(measure.newlyTold()).hasSize(3);
      measure.pass(Duration.ofSeconds(60));
      assertThat(measure.newlyTold()).as("nothing changed, so nothing is told").isEmpty();
    }
  }

  @Test
  void shouldTellAWindowAtMostOnceASecondHoweverBusy() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      for (int i = 0; i < 100; i++) {
        measure.append(router.request("r" + i, "control", NOON.plusMillis(i * 10L)));
        measure.pass(Duration.ofMillis(50));
      }
      measure.settle();

      assertThat(measure.standing(WindowSize.TEN_SECONDS))
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getRequests()).isEqualTo(100);
                assertThat(line.getUpdate()).isBetween(2L, 6L);
              });
    }
  }

  @Test
  void shouldSumToTheNumberOfRequestsWhateverTheOrderAndTheDuplicates() {
    Random random = new Random(20_260_301);
    List<RequestEvent> events = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int run = random.nextInt(2);
      int stage = random.nextInt(3);
      String variant = List.of("control", "candidate", "second").get(random.nextInt(3));
      Instant endedAt = NOON.plusMillis(random.nextInt(600_000));
      events.add(
          router.request(
              "r" + i,
              variant,
              endedAt,
              event -> {
                event.setRun("run-" + run);
                event.setStage(stage);
                event.setUnit("unit-" + random.nextInt(40));
              }));
    }
    List<RequestEvent> published = new ArrayList<>(events);
    published.addAll(events.subList(100, 300));
    Collections.shuffle(published, random);

    try (MeasureHarness measure = new MeasureHarness(directory)) {
      for (RequestEvent event : published) {
        measure.append(event, NOON.plusSeconds(700));
        if (random.nextInt(20) == 0) {
          measure.pass(Duration.ofMillis(random.nextInt(600)));
        }
      }
      measure.settle();

      for (WindowSize size : WindowSize.values()) {
        assertThat(requests(measure, size)).as("%s", size).isEqualTo(400);
      }
      assertThat(measure.standing(WindowSize.HOUR)).hasSize(2 * 3 * 3);
    }
  }

  @Test
  void shouldMoveWhatIsLaterThanAnyWindowKeptToTheOldestOne() {
    Map<WindowSize, Duration> keep = new EnumMap<>(WindowSize.class);
    for (WindowSize size : WindowSize.values()) {
      keep.put(size, Duration.ofHours(1));
    }
    MeasureParameters parameters =
        new MeasureParameters(
            Duration.ofMillis(250), Duration.ofSeconds(1), keep, Duration.ofDays(1), 2);
    try (MeasureHarness measure = new MeasureHarness(directory, parameters)) {
      Instant later = NOON.plus(Duration.ofHours(3));
      measure.append(router.request("r1", "control", NOON));
      measure.pass(Duration.ofMillis(250));
      measure.append(router.request("r2", "control", later));
      measure.pass(Duration.ofMillis(250));

      measure.append(router.request("r3", "control", NOON), later);
      measure.settle();

      assertThat(measure.standing(WindowSize.TEN_SECONDS))
          .extracting(
              VariantMetrics::getWindowStart,
              VariantMetrics::getRequests,
              VariantMetrics::getUpdate)
          .containsExactlyInAnyOrder(
              tuple(NOON, 1L, 1L),
              tuple(later.minus(Duration.ofHours(1)), 1L, 1L),
              tuple(later, 1L, 1L));
    }
  }

  @Test
  void shouldReplaceRepeatedFeedbackInTheWindowOfTheFirst() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(router.feedback("r1", "candidate", "thumb", 1, NOON));
      measure.append(router.feedback("r2", "candidate", "thumb", 1, NOON.plusSeconds(1)));
      measure.append(router.feedback("r1", "candidate", "score", 0.1, NOON.plusSeconds(2)));
      measure.settle();

      measure.append(router.feedback("r1", "candidate", "thumb", -1, NOON.plusSeconds(600)));
      measure.settle();

      assertThat(measure.standing(WindowSize.TEN_SECONDS))
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getVariant()).isEqualTo("candidate");
                assertThat(line.getWindowStart()).isEqualTo(NOON);
                assertThat(line.getFeedbackCount()).isEqualTo(3);
                assertThat(line.getFeedbackSum()).isEqualTo(0.1);
                assertThat(line.getRequests()).isZero();
              });
    }
  }

  @Test
  void shouldNotLetAnOlderFeedbackReplaceANewer() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      measure.append(router.feedback("r1", "control", "thumb", -1, NOON.plusSeconds(60)));
      measure.append(router.feedback("r1", "control", "thumb", 1, NOON));
      measure.settle();

      assertThat(measure.standing(WindowSize.HOUR))
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getFeedbackCount()).isEqualTo(1);
                assertThat(line.getFeedbackSum()).isEqualTo(-1);
              });
    }
  }

  @Test
  void shouldNotLetUpstreamsGrowARecordByInventedFinishReasons() {
    try (MeasureHarness measure = new MeasureHarness(directory)) {
      for (int i = 0; i < 10; i++) {
        Measurement invented = Attempts.ok();
        invented.setFinishReason("because-" + i);
        measure.append(
            router.request("r" + i, "control", NOON, event -> event.setMeasurement(invented)));
      }
      measure.settle();

      assertThat(measure.standing(WindowSize.HOUR).getFirst().getFinishReasons())
          .containsExactly(entry("other", 10L));
    }
  }

  @Test
  void shouldKeepTheTopologyThatTheStateWasWrittenBy() throws IOException {
    String actual = MeasureHarness.topology(MeasureParameters.standard(2)).describe().toString();
    try (InputStream golden =
        MeasureTopologyTest.class.getResourceAsStream("measure-topology.txt")) {
      assertThat(golden).as("the golden file; the topology now is:%n%s", actual).isNotNull();
      assertThat(actual.strip())
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  private static long requests(MeasureHarness measure, WindowSize size) {
    return measure.standing(size).stream().mapToLong(VariantMetrics::getRequests).sum();
  }
}
