package io.serin.statistics.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogSketchTest {
  @Test
  void shouldGiveTheQuantilesOfDataDogsSketch() {
    SplittableRandom random = new SplittableRandom(1);
    LogSketch ours = new LogSketch(1.02 / 0.98);
    DDSketch theirs = DDSketches.logarithmicUnboundedDense(0.02);
    for (int i = 0; i < 5_000; i++) {
      double value = Math.exp(3 * random.nextGaussian());
      ours.add(value);
      theirs.accept(value);
    }
    for (double q = 0; q <= 1; q += 0.05) {
      assertThat(ours.quantile(q))
          .isCloseTo(theirs.getValueAtQuantile(q), within(1e-9 * ours.quantile(q)));
    }
  }

  @Test
  void shouldBeTheSameWhicheverWayTenPartitionsAreMerged() {
    SplittableRandom random = new SplittableRandom(2);
    LogSketch whole = new LogSketch(LogSketch.TIMES);
    LogSketch[] parts = new LogSketch[10];
    Arrays.setAll(parts, i -> new LogSketch(LogSketch.TIMES));
    for (int i = 0; i < 20_000; i++) {
      double value = random.nextInt(50) == 0 ? 0 : Math.exp(12 + 2 * random.nextGaussian());
      whole.add(value);
      parts[random.nextInt(10)].add(value);
    }
    LogSketch forward = new LogSketch(LogSketch.TIMES);
    LogSketch backward = new LogSketch(LogSketch.TIMES);
    for (int i = 0; i < 10; i++) {
      forward = forward.merge(parts[i]);
      backward = parts[9 - i].merge(backward);
    }
    assertThat(forward).isEqualTo(whole).isEqualTo(backward).hasSameHashCodeAs(whole);
    assertThat(forward.count()).isEqualTo(20_000);
  }

  @Test
  void shouldKeepEveryValueBetweenTheBoundsOfItsRank() {
    SplittableRandom random = new SplittableRandom(4);
    LogSketch sketch = new LogSketch(LogSketch.TIMES);
    double[] values = new double[1_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.exp(5 * random.nextDouble());
      sketch.add(values[i]);
    }
    Arrays.sort(values);
    for (int rank = 1; rank <= values.length; rank++) {
      assertThat(values[rank - 1])
          .isBetween(sketch.lowerBoundOfRank(rank), sketch.upperBoundOfRank(rank) * (1 + 1e-12));
    }
  }

  @Test
  void shouldTravelAsGammaOffsetAndCounts() {
    LogSketch sketch = new LogSketch(LogSketch.TOKENS);
    sketch.add(0);
    sketch.add(1);
    sketch.add(700, 3);
    LogSketch back =
        new LogSketch(sketch.gamma(), sketch.zeroCount(), sketch.offset(), sketch.counts());
    assertThat(back).isEqualTo(sketch);
    assertThat(back.count()).isEqualTo(5);
    assertThat(back.quantile(0)).isZero();
  }

  @Test
  void shouldKeepAnEdgeBelowItself() {
    LogSketch sketch = new LogSketch(LogSketch.TIMES);
    for (int bin = -200; bin <= 200; bin++) {
      assertThat(sketch.bin(sketch.upperEdge(bin))).isEqualTo(bin);
    }
  }
}
