package io.serin.simulation.scenario;

import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.Runs;
import io.serin.statistics.sequential.EventCounts;
import io.serin.statistics.sequential.EventLabelDesign;
import io.serin.statistics.sequential.EventLabelProcess;
import io.serin.statistics.sequential.ExceedanceCounts;
import io.serin.statistics.sequential.ExceedanceDesign;
import io.serin.statistics.sequential.ExceedanceProcess;
import io.serin.statistics.sequential.PromotionGate;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The same events once in order, and once doubled, shuffled and spread over partitions that are
 * merged at random: all values are the same bit for bit. Doubles are removed by the event's
 * identity, as in the topologies.
 *
 * @param events of one run
 * @param partitions they are spread over
 */
public record SameBits(int events, int partitions) implements Scenario {
  private record Event(int id, long window, Stratum stratum, boolean candidate, boolean above) {}

  public SameBits() {
    this(2_000, 7);
  }

  @Override
  public String name() {
    return "same-bits";
  }

  @Override
  public String question() {
    return "doubled, reordered and repartitioned input gives the same values bit for bit";
  }

  @Override
  public int fullRuns() {
    return 1_000;
  }

  @Override
  public int quickRuns() {
    return 12;
  }

  @Override
  public Report run(long seed, int runs) {
    long different = Runs.hits(Runs.of(seed, runs, this::differs));
    return new Report(
        name(),
        question(),
        seed,
        runs,
        List.of(new Figure("runs with a different bit", different, 0, 0, 0)));
  }

  private double differs(SplittableRandom random) {
    List<Event> original = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      Stratum stratum = new Stratum("s" + i % 3, 0.05 + 0.2 * (i % 3), 1 + 0.1 * (i % 2));
      original.add(
          new Event(i, i / 15, stratum, random.nextDouble() < 0.3, random.nextInt(9) == 0));
    }
    List<Event> doubled = new ArrayList<>(original);
    for (int i = 0; i < events / 5; i++) {
      doubled.add(original.get(random.nextInt(events)));
    }
    for (int i = doubled.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Event swapped = doubled.get(i);
      doubled.set(i, doubled.get(j));
      doubled.set(j, swapped);
    }
    return labels(original, doubled, random)
            && exceedances(original, doubled, random)
            && promotions(original, doubled, random)
        ? 0
        : 1;
  }

  private boolean labels(List<Event> original, List<Event> doubled, SplittableRandom random) {
    EventLabelProcess once = new EventLabelProcess(EventLabelDesign.different());
    original.forEach(e -> once.add(e.window, e.stratum, e.candidate));
    List<EventLabelProcess> parts = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      parts.add(new EventLabelProcess(EventLabelDesign.different()));
    }
    Set<Integer> seen = new HashSet<>();
    for (Event e : doubled) {
      if (seen.add(e.id)) {
        EventLabelProcess part = parts.get(e.id % partitions);
        part.add(e.window, e.stratum, e.candidate);
        part.logE();
      }
    }
    while (parts.size() > 1) {
      EventLabelProcess taken = parts.remove(random.nextInt(parts.size()));
      int other = random.nextInt(parts.size());
      List<EventCounts> both = new ArrayList<>(taken.counts());
      both.addAll(parts.get(other).counts());
      parts.set(other, EventLabelProcess.of(EventLabelDesign.different(), both));
    }
    List<EventCounts> state = parts.getFirst().counts();
    return parts.getFirst().logE() == once.logE()
        && EventLabelProcess.of(EventLabelDesign.different(), state).logE() == once.logE();
  }

  private boolean exceedances(List<Event> original, List<Event> doubled, SplittableRandom random) {
    ExceedanceProcess once = new ExceedanceProcess(ExceedanceDesign.slower());
    original.forEach(e -> once.add(e.window, 0, e.stratum, e.candidate, e.above));
    List<ExceedanceProcess> parts = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      parts.add(new ExceedanceProcess(ExceedanceDesign.slower()));
    }
    Set<Integer> seen = new HashSet<>();
    for (Event e : doubled) {
      if (seen.add(e.id)) {
        parts.get(random.nextInt(partitions)).add(e.window, 0, e.stratum, e.candidate, e.above);
      }
    }
    ExceedanceProcess merged = parts.removeFirst();
    for (ExceedanceProcess part : parts) {
      boolean ours = random.nextBoolean();
      List<ExceedanceCounts> both = new ArrayList<>((ours ? merged : part).counts());
      both.addAll((ours ? part : merged).counts());
      merged = ExceedanceProcess.of(ExceedanceDesign.slower(), both);
      merged.logE();
    }
    List<ExceedanceCounts> state = merged.counts();
    return merged.logE() == once.logE()
        && ExceedanceProcess.of(ExceedanceDesign.slower(), state).logE() == once.logE();
  }

  private static boolean promotions(
      List<Event> original, List<Event> doubled, SplittableRandom random) {
    PromotionGate once = new PromotionGate(0.01);
    original.forEach(e -> once.add(e.stratum, e.candidate, e.above));
    PromotionGate left = new PromotionGate(0.01);
    PromotionGate right = new PromotionGate(0.01);
    Set<Integer> seen = new HashSet<>();
    for (Event e : doubled) {
      if (seen.add(e.id)) {
        (random.nextBoolean() ? left : right).add(e.stratum, e.candidate, e.above);
      }
    }
    return left.merge(right).logE() == once.logE();
  }
}
