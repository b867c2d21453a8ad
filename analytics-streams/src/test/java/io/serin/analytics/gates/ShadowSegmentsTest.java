package io.serin.analytics.gates;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.judge.Cells;
import io.serin.analytics.observation.PairedObservation;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShadowSegmentsTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control: {url: "http://127.0.0.1:1/v1"}
        candidate: {url: "http://127.0.0.1:2/v1"}
      """;
  private static final List<String> LANGUAGES = List.of("de", "en", "fr", "ja", "es");
  private static final Map<String, Boolean> TOLD = Map.of("failed", false);
  private static final int RUNS = 200;

  @Test
  void shouldNameTheSegmentInWhichACandidateIsWorse() {
    int named = 0;
    int others = 0;
    for (int run = 0; run < 20; run++) {
      List<ShadowSegments.Found> found = found(0.25, 1_500, 7_000 + run);
      named += found.stream().anyMatch(each -> each.segment().equals("language=ja")) ? 1 : 0;
      others += found.stream().anyMatch(each -> each.segment().equals("language=en")) ? 1 : 0;
    }

    assertThat(named).isGreaterThanOrEqualTo(19);
    assertThat(others).isLessThanOrEqualTo(2);
  }

  @Test
  void shouldFindNoneWhereNothingDiffers() {
    int found = 0;
    for (int run = 0; run < RUNS; run++) {
      found += found(0, 600, 9_000 + run).isEmpty() ? 0 : 1;
    }

    assertThat(found).isLessThanOrEqualTo((int) (RUNS * ShadowSegments.LEVEL));
  }

  @Test
  void shouldBoundTheSegmentsItTellsApart() {
    Cells cells = new Cells();
    ShadowPairs pairs = new ShadowPairs(file(), cells);
    for (int i = 0; i < 1_000; i++) {
      pairs.observe(pair(false, false, "tenant=" + i));
    }

    assertThat(cells.of("segment|candidate")).hasSize(ShadowSegments.MOST);
  }

  /** What is found where answers in Japanese are refused so much more often. */
  private static List<ShadowSegments.Found> found(double more, int pairs, int seed) {
    ShadowPairs all = new ShadowPairs(file(), new Cells());
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < pairs; i++) {
      String language = LANGUAGES.get(random.nextInt(LANGUAGES.size()));
      double rate = 0.05 + (language.equals("ja") ? more : 0);
      all.observe(
          pair(random.nextDouble() < rate, random.nextDouble() < 0.05, "language=" + language));
    }
    return all.segments().worse("candidate", 0, all.parts("candidate", 0));
  }

  private static PairedObservation pair(boolean refuses, boolean controlRefuses, String segment) {
    return new PairedObservation(
        "r1",
        0,
        "candidate",
        false,
        false,
        refuses,
        controlRefuses,
        null,
        null,
        1.0,
        TOLD,
        TOLD,
        null,
        List.of(segment, "length=short"));
  }

  private static RolloutFile file() {
    try {
      return RolloutFileReader.read(FILE);
    } catch (RolloutFileException e) {
      throw new IllegalStateException(e);
    }
  }
}
