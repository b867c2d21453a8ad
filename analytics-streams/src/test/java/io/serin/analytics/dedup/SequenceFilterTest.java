package io.serin.analytics.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SequenceFilterTest {

  @Test
  void shouldLetEachEventPassOnce() {
    SequenceFilter filter = SequenceFilter.inMemory();

    assertThat(filter.firstTime("a", 0, 0)).isTrue();
    assertThat(filter.firstTime("a", 0, 0)).isFalse();
    assertThat(filter.firstTime("a", 0, 1)).isTrue();
    assertThat(filter.firstTime("a", 1, 0)).as("another partition").isTrue();
    assertThat(filter.firstTime("b", 0, 0)).as("another incarnation").isTrue();
  }

  @Test
  void shouldAgreeWithASetOfIdsWhateverTheOrder() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Long> sent = new ArrayList<>();
      for (long sequence = 0; sequence < 200; sequence++) {
        if (random.nextInt(10) > 0) {
          for (int copy = random.nextInt(3); copy >= 0; copy--) {
            sent.add(sequence);
          }
        }
      }
      Collections.shuffle(sent, random);
      Set<Long> ids = new HashSet<>();
      SequenceWindow window = SequenceWindow.empty(1_000);
      for (long sequence : sent) {
        assertThat(window.add(sequence)).isEqualTo(ids.add(sequence));
        window = SequenceWindow.fromBytes(window.toBytes(), 1_000, 0);
      }
      assertThat(window.forgotten()).isZero();
    }
  }

  @Test
  void shouldKeepNoHoleWhereNothingIsMissing() {
    SequenceWindow window = SequenceWindow.empty(8);
    List<Long> sequences = new ArrayList<>();
    for (long i = 0; i < 9; i++) {
      sequences.add(i);
    }
    Collections.reverse(sequences);
    sequences.forEach(window::add);

    assertThat(window.holes()).isZero();
    assertThat(window.highest()).isEqualTo(8);
  }

  @Test
  void shouldGoOnAtTheSequenceAtHandWhereAnotherVersionWroteItsState() {
    Map<String, byte[]> kept = new HashMap<>(Map.of("0/journal", new byte[] {99, 1, 2, 3}));
    SequenceFilter filter =
        new SequenceFilter(
            new SequenceFilter.Marks() {
              @Override
              public byte @Nullable [] get(String key) {
                return kept.get(key);
              }

              @Override
              public void put(String key, byte[] window) {
                kept.put(key, window);
              }
            });

    assertThat(filter.firstTime("journal", 0, 41)).isTrue();
    assertThat(filter.firstTime("journal", 0, 41)).as("a copy").isFalse();
    assertThat(filter.firstTime("journal", 0, 40)).as("counted before, or lost").isFalse();
    assertThat(filter.firstTime("journal", 0, 42)).isTrue();
  }

  @Test
  void shouldForgetTheLowestHoleAndSayHowManyAreLost() {
    SequenceWindow window = SequenceWindow.empty(2);
    window.add(3);
    window.add(5);
    assertThat(window.forgotten()).isZero();

    window.add(7);

    assertThat(window.holes()).isEqualTo(2);
    assertThat(window.forgotten()).isEqualTo(3);
    assertThat(window.add(1)).as("its hole is forgotten").isFalse();
    assertThat(window.add(4)).isTrue();
  }
}
