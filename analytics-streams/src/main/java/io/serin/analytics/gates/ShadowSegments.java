package io.serin.analytics.gates;

import io.serin.analytics.gates.ShadowPairs.Part;
import io.serin.analytics.judge.CellKey.OfStage;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.observation.PairedObservation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * In which segments of a shadow stage's pairs a candidate is worse: McNemar's test, sequentially,
 * for each segment and part, and of all that are tested those that the e-BH procedure keeps (Wang
 * and Ramdas 2022): the share of false ones among the found is at most {@link #LEVEL}, at every
 * look and though segments overlap. State is {@link Cells}: one for each segment. Not thread-safe.
 */
final class ShadowSegments {
  /** Expected share of false ones among the segments found. */
  static final double LEVEL = 0.05;

  /** Pairs below which a segment is not tested. */
  static final int FEWEST = 25;

  /** Segments of one candidate and stage that are told apart, in the order in which they come. */
  static final int MOST = 60;

  /** In the order of a cell's counts: new parts come last. */
  private static final List<Part> PARTS = List.of(Part.values());

  private static final int SIZE = 1 + 2 * PARTS.size();

  /** A segment in which a candidate is worse. */
  record Found(String segment, Part part, long against, long inFavour, long pairs, double logE) {
    String text() {
      return String.format(
          Locale.ROOT,
          "in %s it %s in %d of %d pairs in which control does not, the other way round in %d",
          segment,
          part.words(),
          against,
          pairs,
          inFavour);
    }
  }

  private final Cells cells;

  ShadowSegments(Cells cells) {
    this.cells = cells;
  }

  /** Counts a pair in each of its segments. */
  void begin(PairedObservation pair) {
    for (String segment : known(pair)) {
      cells.add(owner(pair.candidate()), new OfStage(pair.stage(), segment), SIZE, 0, 1);
    }
  }

  void count(PairedObservation pair, Part part, boolean against, boolean inFavour) {
    if (against || inFavour) {
      for (String segment : known(pair)) {
        int index = 1 + 2 * PARTS.indexOf(part) + (against ? 0 : 1);
        cells.add(owner(pair.candidate()), new OfStage(pair.stage(), segment), SIZE, index, 1);
      }
    }
  }

  /** Those in which the candidate is worse, the clearest first. */
  List<Found> worse(String candidate, int stage, List<Part> parts) {
    List<Found> tested = new ArrayList<>();
    all(candidate, stage)
        .forEach(
            (segment, counts) -> {
              for (Part part : parts) {
                long against = counts[1 + 2 * PARTS.indexOf(part)];
                long inFavour = counts[2 + 2 * PARTS.indexOf(part)];
                if (counts[0] >= FEWEST) {
                  tested.add(
                      new Found(
                          segment,
                          part,
                          against,
                          inFavour,
                          counts[0],
                          ShadowPairs.worse(against, inFavour)));
                }
              }
            });
    tested.sort(Comparator.comparingDouble(Found::logE).reversed());
    int kept = 0;
    for (int k = 1; k <= tested.size(); k++) {
      if (tested.get(k - 1).logE() >= StrictMath.log(tested.size() / (k * LEVEL))) {
        kept = k;
      }
    }
    return List.copyOf(tested.subList(0, kept));
  }

  private List<String> known(PairedObservation pair) {
    Map<String, long[]> all = all(pair.candidate(), pair.stage());
    return pair.segments().stream()
        .map(segment -> segment.replace('|', '/'))
        .filter(segment -> all.size() < MOST || all.containsKey(segment))
        .toList();
  }

  /** Counts of the segments of a stage, ordered by name. */
  private Map<String, long[]> all(String candidate, int stage) {
    Map<String, long[]> all = new TreeMap<>();
    cells
        .of(owner(candidate))
        .forEach(
            (index, counts) -> {
              if (index instanceof OfStage of && of.stage() == stage) {
                all.put(of.label(), counts);
              }
            });
    return all;
  }

  private static String owner(String candidate) {
    return Cells.owner("segment", candidate);
  }
}
