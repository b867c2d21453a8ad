package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventLabelProcessTest {
  private static final Stratum FIVE = new Stratum("5%/new", 0.05);
  private static final Stratum QUARTER = new Stratum("25%/new", 0.25);
  private static final Stratum LATE = new Stratum("25%/control", 0.2 / 0.95, 1.5);

  record Event(long window, Stratum stratum, boolean candidate) {}

  @Test
  void shouldBeTheMixtureOfTheTextWhereNothingRestarts() {
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse().withoutRestarts());
    process.add(0, FIVE, 6, 14);
    process.add(9, QUARTER, 3, 2);
    process.add(9, LATE, 1, 2);
    double sum = 0;
    for (double s : EventLabelDesign.worse().ratios()) {
      double product = 1;
      double[][] counts = {{0.05, 1, 6, 14}, {0.25, 1, 3, 2}, {LATE.probability(), 1.5, 1, 2}};
      for (double[] c : counts) {
        double rho = c[0];
        double m = c[1];
        double zero = rho * m / (rho * m + 1 - rho);
        double one = rho * m * s / (rho * m * s + 1 - rho);
        product *= Math.pow(one / zero, c[2]) * Math.pow((1 - one) / (1 - zero), c[3]);
      }
      sum += product / EventLabelDesign.worse().ratios().size();
    }
    assertThat(process.logE()).isCloseTo(Math.log(sum), within(1e-12));
  }

  @Test
  void shouldBeTheMixtureOfAllStarts() {
    List<Event> events = events(5, 400, 40);
    EventLabelDesign design = EventLabelDesign.different();
    EventLabelProcess process = new EventLabelProcess(design);
    events.forEach(e -> process.add(e.window(), e.stratum(), e.candidate()));

    List<Long> starts = new ArrayList<>(List.of(Long.MIN_VALUE));
    long fresh = 0;
    for (long w = 0; w < 40; w++) {
      long window = w;
      fresh += events.stream().filter(e -> e.window() == window).count();
      if (fresh >= 25) {
        starts.add(w);
        fresh = 0;
      }
    }
    double total = 0;
    double weight = 1;
    for (int j = 0; j < starts.size(); j++) {
      long start = starts.get(j);
      EventLabelProcess plain = new EventLabelProcess(design.withoutRestarts());
      events.stream()
          .filter(e -> e.window() > start)
          .forEach(e -> plain.add(0, e.stratum(), e.candidate()));
      double own = j == 0 ? 0.8 : 0.2 / (j * (j + 1.0));
      weight -= own;
      total += own * Math.exp(plain.logE());
    }
    assertThat(process.logE()).isCloseTo(Math.log(total + weight), within(1e-9));
  }

  @Test
  void shouldNotChangeByABitWithOrderReadingOrMerging() {
    List<Event> events = events(6, 3_000, 200);
    EventLabelProcess inOrder = new EventLabelProcess(EventLabelDesign.worse());
    events.forEach(
        e -> {
          inOrder.add(e.window(), e.stratum(), e.candidate());
          inOrder.logE();
        });
    List<Event> shuffled = new ArrayList<>(events);
    Collections.shuffle(shuffled, new Random(7));
    EventLabelProcess all = new EventLabelProcess(EventLabelDesign.worse());
    EventLabelProcess[] parts = {
      new EventLabelProcess(EventLabelDesign.worse()),
      new EventLabelProcess(EventLabelDesign.worse())
    };
    for (int i = 0; i < shuffled.size(); i++) {
      Event e = shuffled.get(i);
      all.add(e.window(), e.stratum(), e.candidate());
      parts[i % 2].add(e.window(), e.stratum(), e.candidate());
      if (i % 97 == 0) {
        all.logE();
      }
    }
    assertThat(all.logE()).isEqualTo(inOrder.logE());
    List<EventCounts> both = new ArrayList<>(parts[1].counts());
    both.addAll(parts[0].counts());
    assertThat(EventLabelProcess.of(all.design(), both).logE()).isEqualTo(inOrder.logE());
    assertThat(EventLabelProcess.of(all.design(), all.counts()).logE()).isEqualTo(inOrder.logE());
    assertThat(all.counts()).isEqualTo(inOrder.counts());
    assertThat(all.mixture().starts()).isGreaterThan(50);
  }

  @Test
  void shouldSettleALateEventAsIfItHadComeInTime() {
    List<Event> events = events(10, 4_000, 1_000);
    SplittableRandom random = new SplittableRandom(11);
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
    List<Event> held = new ArrayList<>();
    List<EventCounts> known = new ArrayList<>();
    for (Event e : events) {
      if (random.nextInt(20) == 0) {
        held.add(e);
        continue;
      }
      process.add(e.window(), e.stratum(), e.candidate());
      known.add(counts(e));
      if (random.nextInt(40) == 0 && !held.isEmpty()) {
        Event late = held.remove(random.nextInt(held.size()));
        process.logE();
        process.add(late.window(), late.stratum(), late.candidate());
        known.add(counts(late));
        assertThat(process.logE()).isEqualTo(EventLabelProcess.of(process.design(), known).logE());
      }
    }
  }

  private static EventCounts counts(Event e) {
    return new EventCounts(e.window(), e.stratum(), e.candidate() ? 1 : 0, e.candidate() ? 0 : 1);
  }

  @Test
  void shouldStayTheSameBitForBitWhenOldWindowsAreFolded() {
    EventLabelProcess whole = new EventLabelProcess(EventLabelDesign.worse());
    EventLabelProcess folding = new EventLabelProcess(EventLabelDesign.worse());
    List<Event> events = new ArrayList<>(events(8, 3_000, 500));
    events.sort(Comparator.comparingLong(Event::window));
    for (int i = 0; i < events.size(); i++) {
      Event e = events.get(i);
      whole.add(e.window(), e.stratum(), e.candidate());
      folding.add(e.window(), e.stratum(), e.candidate());
      if (i % 100 == 0) {
        folding.foldBefore(e.window() - 50);
        assertThat(folding.logE()).isEqualTo(whole.logE());
      }
      if (i % 700 == 0 && folding.folded().length > 0) {
        folding =
            EventLabelProcess.of(
                folding.design(), null, folding.folded(), folding.foldedCounts(), folding.counts());
        assertThat(folding.mixture()).isEqualTo(whole.mixture());
      }
    }
    assertThat(folding.counts().size()).isLessThan(whole.counts().size() / 3);
    assertThat(folding.totals()).isEqualTo(whole.totals());
  }

  @Test
  void shouldCountALateEventOfAFoldedWindow() {
    EventLabelProcess process = new EventLabelProcess(EventLabelDesign.worse());
    List<Event> events = new ArrayList<>(events(9, 600, 100));
    events.sort(Comparator.comparingLong(Event::window));
    events.forEach(e -> process.add(e.window(), e.stratum(), e.candidate()));
    long through = process.foldBefore(80);
    process.add(3, FIVE, true);
    assertThat(through).isBetween(32L, 79L);
    assertThat(process.open(3)).isEqualTo(through + 1);
    assertThat(process.candidateEvents() + process.controlEvents()).isEqualTo(601);
    assertThat(
            EventLabelProcess.of(
                    process.design(),
                    null,
                    process.folded(),
                    process.foldedCounts(),
                    process.counts())
                .logE())
        .isEqualTo(process.logE());
  }

  private static List<Event> events(long seed, int number, int windows) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Event> events = new ArrayList<>();
    Stratum[] strata = {FIVE, QUARTER, LATE};
    for (int i = 0; i < number; i++) {
      Stratum stratum = strata[random.nextInt(3)];
      events.add(
          new Event(
              (long) i * windows / number,
              stratum,
              random.nextDouble() < 1.1 * stratum.probability()));
    }
    return events;
  }
}
