package io.serin.analytics.observation;

import java.util.Map;
import java.util.TreeMap;

/**
 * The first rating of one unit in one stage.
 *
 * @param stage of the rated request
 * @param variant the arm: the variant assigned to the rated request
 * @param eventTime milliseconds since the epoch
 * @param labelClass of the unit when it made its first request of the stage
 * @param labelSlots slots that the class left to each variant then
 * @param bad a thumb down
 */
public record FirstRating(
    String run,
    int stage,
    String unit,
    String variant,
    long eventTime,
    String labelClass,
    Map<String, Integer> labelSlots,
    boolean bad) {
  public FirstRating {
    labelSlots = Map.copyOf(new TreeMap<>(labelSlots));
  }
}
