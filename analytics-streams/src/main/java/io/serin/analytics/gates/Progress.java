package io.serin.analytics.gates;

import java.util.Map;
import java.util.TreeMap;

/**
 * How far a stage has come in showing what it must of one candidate.
 *
 * @param holds whether it is shown
 * @param logE of what is furthest from its threshold; 0 where nothing is tested
 * @param moreUnits first requests of units, of both arms, that it is expected to need yet; infinite
 *     where more would not help, 0 where it holds
 * @param evidence further numbers by name
 * @param text what is shown or missing, as a clause
 */
public record Progress(
    boolean holds,
    double logE,
    double threshold,
    double moreUnits,
    Map<String, Double> evidence,
    String text) {
  public Progress {
    evidence = Map.copyOf(new TreeMap<>(evidence));
  }

  static Progress shown(String text) {
    return new Progress(true, 0, 0, 0, Map.of(), text);
  }

  /** What no number of requests shows. */
  static Progress waits(String text) {
    return new Progress(false, 0, 0, Double.POSITIVE_INFINITY, Map.of(), text);
  }
}
