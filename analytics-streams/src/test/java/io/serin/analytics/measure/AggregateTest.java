package io.serin.analytics.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The laws that make a figure independent of partitions, order and restarts, on seeded samples. */
class AggregateTest {
  private final Random random = new Random(7);
  private final Attempts router = new Attempts("journal-1");

  @Test
  void shouldMergeInAnyGrouping() {
    for (int i = 0; i < 300; i++) {
      Aggregate a = sample();
      Aggregate b = sample();
      Aggregate c = sample();

      assertThat(a.plus(b).plus(c)).isEqualTo(a.plus(b.plus(c)));
    }
  }

  @Test
  void shouldMergeInAnyOrder() {
    for (int i = 0; i < 300; i++) {
      Aggregate a = sample();
      Aggregate b = sample();

      assertThat(a.plus(b)).isEqualTo(b.plus(a));
    }
  }

  @Test
  void shouldNotChangeByNothing() {
    for (int i = 0; i < 100; i++) {
      Aggregate a = sample();

      assertThat(a.plus(Aggregate.NONE)).isEqualTo(a);
      assertThat(Aggregate.NONE.plus(a)).isEqualTo(a);
    }
  }

  @Test
  void shouldNotChangeWhatItWasMadeOf() {
    Aggregate a = sample();
    Aggregate b = sample();
    Aggregate before = copy(a);

    Aggregate ignored = a.plus(b);

    assertThat(ignored).isNotSameAs(a);
    assertThat(a).isEqualTo(before);
  }

  @Test
  void shouldSumTenPartitionsToTheWhole() {
    List<Aggregate> parts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      parts.add(sample());
    }
    Aggregate whole = sum(parts);
    Collections.shuffle(parts, random);
    List<Aggregate> partitions = new ArrayList<>();
    for (int p = 0; p < 10; p++) {
      partitions.add(sum(parts.subList(p * 50, (p + 1) * 50)));
    }

    assertThat(sum(partitions)).isEqualTo(whole);
  }

  @Test
  void shouldReturnFromItsStoredFormUnchanged() {
    for (int i = 0; i < 300; i++) {
      Aggregate a = sample().plus(sample());

      assertThat(copy(a)).isEqualTo(a);
    }
  }

  @Test
  void shouldReturnWindowsAndKeysFromTheirStoredFormUnchanged() {
    WindowKey key = new WindowKey(10_000, 1_772_366_400_000L, "assistänt", "run/1", -1, "候補");
    try (var keys = MeasureState.keys();
        var contributions = MeasureState.contributions();
        var windows = MeasureState.windows();
        var feedback = MeasureState.feedback()) {
      Contribution contribution = new Contribution(key, sample());
      MeasureState.Window window = new MeasureState.Window(sample(), 1L << 40);
      MeasureState.Feedback rated = new MeasureState.Feedback(-0.25, 17, key);

      assertThat(keys.deserializer().deserialize("", keys.serializer().serialize("", key)))
          .isEqualTo(key);
      assertThat(
              contributions
                  .deserializer()
                  .deserialize("", contributions.serializer().serialize("", contribution)))
          .isEqualTo(contribution);
      assertThat(windows.deserializer().deserialize("", windows.serializer().serialize("", window)))
          .isEqualTo(window);
      assertThat(
              feedback.deserializer().deserialize("", feedback.serializer().serialize("", rated)))
          .isEqualTo(rated);
    }
  }

  @Test
  void shouldBeginAnewWhereAnotherVersionWroteAStoredValue() {
    byte[] newer = {99, 1, 2, 3};
    try (var aggregates = MeasureState.aggregates();
        var windows = MeasureState.windows();
        var feedback = MeasureState.feedback();
        var contributions = MeasureState.contributions()) {
      assertThat(aggregates.deserializer().deserialize("sums", newer)).isNull();
      assertThat(windows.deserializer().deserialize("windows", newer)).isNull();
      assertThat(feedback.deserializer().deserialize("feedback", newer)).isNull();
      assertThatThrownBy(() -> contributions.deserializer().deserialize("topic", newer))
          .as("a record of a topic is counted and skipped")
          .hasMessageContaining("of version 99");
    }
  }

  @Test
  void shouldSumFeedbackExactly() {
    WindowKey key = new WindowKey(10_000, 0, "r", "run", 0, "v");
    Aggregate sum = Aggregate.NONE;
    for (double value : new double[] {1e16, 0.1, -1e16, 0.2, -0.1}) {
      sum = sum.plus(Contributions.of(key, value, null).aggregate());
    }
    sum = sum.plus(Contributions.of(key, 0, 0.2).aggregate());

    assertThat(sum.feedbackSum()).isEqualByComparingTo(BigDecimal.ZERO);
    assertThat(sum.total(Total.FEEDBACK_COUNT)).isEqualTo(5);
  }

  private Aggregate sample() {
    if (random.nextInt(5) == 0) {
      WindowKey key = new WindowKey(10_000, 0, "r", "run", 0, "v");
      double value = random.nextGaussian() * Math.pow(10, random.nextInt(20) - 10);
      Double earlier = random.nextBoolean() ? random.nextGaussian() : null;
      return Contributions.of(key, value, earlier).aggregate();
    }
    Outcome outcome = any(Outcome.values());
    Measurement measurement =
        Measurement.newBuilder()
            .setOutcome(outcome)
            .setDurationMicros(random.nextLong(200_000_000_000L) - 5)
            .setTtftMicros(random.nextBoolean() ? (long) random.nextInt(3) : null)
            .setCompletionTokens(random.nextBoolean() ? (long) random.nextInt(4_000) : null)
            .setCachedTokens(random.nextBoolean() ? (long) random.nextInt(2) : null)
            .setRefusal(random.nextBoolean() ? random.nextBoolean() : null)
            .setFinishReason(random.nextBoolean() ? "stop" : null)
            .build();
    RequestEvent event =
        router.request(
            "r" + random.nextInt(),
            random.nextBoolean() ? "control" : "candidate",
            Instant.EPOCH.plusMillis(random.nextInt(1_000_000)),
            change -> {
              change.setMeasurement(measurement);
              change.setLast(random.nextBoolean());
              change.setWhy(any(Why.values()));
              change.setClientOutcome(random.nextBoolean() ? outcome : null);
            });
    return sum(Contributions.of(event, 0).stream().map(Contribution::aggregate).toList());
  }

  private <T> T any(T[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  private static Aggregate sum(List<Aggregate> parts) {
    return parts.stream().reduce(Aggregate.NONE, Aggregate::plus);
  }

  private static Aggregate copy(Aggregate aggregate) {
    try (var serde = MeasureState.aggregates()) {
      return serde.deserializer().deserialize("", serde.serializer().serialize("", aggregate));
    }
  }
}
