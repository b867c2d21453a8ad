package io.serin.analytics.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.statistics.sequential.FeedbackDesign;
import io.serin.statistics.sequential.FeedbackProcess;
import io.serin.statistics.sequential.LabelProbability;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ratings of a long run are kept in bounded state, and a restart changes no bit of the value. */
class RatingsTest {
  private static final String OWNER = Cells.owner("ratings", "feedback", "candidate");
  private static final int WINDOWS_A_DAY = 8_640;

  private final SplittableRandom random = new SplittableRandom(11);
  private final Map<CellKey, long[]> store = new HashMap<>();
  private Cells cells = new Cells();

  @Test
  void shouldKeepFiveWeeksOfRatingsInBoundedStateOverRestarts() {
    List<StratumId> strata =
        List.of(
            StratumId.of(0, "[0,10000)", new LabelProbability(2_500, 7_500)),
            StratumId.of(1, "[0,10000)", new LabelProbability(5_000, 5_000)));
    FeedbackProcess whole = new FeedbackProcess(FeedbackDesign.worse());
    Ratings ratings = new Ratings(FeedbackDesign.worse(), cells, OWNER);
    int first = 0;
    for (int day = 0; day < 35; day++) {
      for (int i = 0; i < WINDOWS_A_DAY; i += 12) {
        // Every tenth rating comes up to half an hour late.
        long late = random.nextInt(10) == 0 ? random.nextInt(180) : 0;
        long window = (long) day * WINDOWS_A_DAY + i + 200 - late;
        StratumId stratum = strata.get(day < 17 ? 0 : 1);
        boolean candidate = random.nextDouble() < stratum.label().value();
        boolean bad = random.nextDouble() < (candidate ? 0.28 : 0.25);
        whole.add(window, stratum.stratum(), candidate, bad);
        ratings.add(window, stratum, candidate, bad);
      }
      keep();
      if (day == 0) {
        first = store.size();
      }
      if (day % 3 == 2) {
        cells = Cells.of(store);
        ratings = new Ratings(FeedbackDesign.worse(), cells, OWNER);
      }
      assertThat(ratings.process().mixture()).isEqualTo(whole.mixture());
      assertThat(ratings.process().whoRatesLogE()).isEqualTo(whole.whoRatesLogE());
      assertThat(ratings.process().blocks()).isEqualTo(whole.blocks());
    }

    assertThat(store).hasSizeLessThan(2 * first);
    assertThat(ratings.rates().unitTotal().candidate() + ratings.rates().unitTotal().control())
        .isEqualTo(35L * WINDOWS_A_DAY / 12);
    assertThat(whole.blocks()).isGreaterThan(500);
  }

  private void keep() {
    cells
        .drain()
        .forEach(
            (key, values) -> {
              CellKey read = CellCodec.read(CellCodec.write(key));
              if (values.length == 0) {
                store.remove(read);
              } else {
                store.put(read, values);
              }
            });
  }
}
