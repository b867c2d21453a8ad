package io.serin.statistics.confidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.statistics.Interval;
import io.serin.statistics.sketch.LogSketch;
import org.junit.jupiter.api.Test;

class QuantileSequenceTest {
  @Test
  void shouldLeaveTheUpperEndOpenWhileNoSampleOfItsSizeCouldCloseIt() {
    LogSketch sketch = new LogSketch(LogSketch.TIMES);
    for (int i = 1; i <= 50; i++) {
      sketch.add(i);
    }
    Interval p99 = new QuantileSequence(0.99, 0.05, 1_000, 0.05).interval(sketch);
    assertThat(p99.high()).isInfinite();
    Interval p50 = new QuantileSequence(0.5, 0.05, 50, 0.05).interval(sketch);
    assertThat(p50.contains(25)).isTrue();
    assertThat(p50.high()).isFinite();
  }

  @Test
  void shouldKnowNothingOfAnEmptySketch() {
    LogSketch empty = new LogSketch(LogSketch.TIMES);
    assertThat(new QuantileSequence(0.5, 0.05, 50, 0.05).interval(empty))
        .isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
    assertThat(QuantileSequence.ratio(empty, empty, 0.5, 0.05, 50).high()).isInfinite();
  }
}
