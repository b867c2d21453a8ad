package io.serin.analytics.observation;

import io.serin.analytics.observation.UnitHistory.Label;
import io.serin.analytics.observation.UnitHistory.Request;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.SlotSet;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.SeenSplit;
import io.serin.schemas.UnitState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The splits that a unit was seen under, and the class that follows from them. A unit's hash lies
 * in all the slot sets of the arms it was seen in. Not thread-safe.
 */
final class SeenSplits {
  /** Splits remembered one by one; older ones are kept as their common slots. */
  private static final int MAX_SPLITS = 12;

  private final UnitState state;

  SeenSplits(UnitState state) {
    this.state = state;
  }

  /** What the splits before this one leave possible. */
  Label label(Request request, SeenSplit now) {
    SlotSet possible = new SlotSet(state.getBase());
    for (SeenSplit before : state.getSeen()) {
      if (before.getRevision() < now.getRevision()) {
        possible = possible.intersect(new SlotSet(before.getSlots()));
      }
    }
    Map<String, Integer> slots = new TreeMap<>();
    for (String name : request.split().weights().keySet()) {
      slots.put(name, possible.intersect(request.split().slots(name)).size());
    }
    slots.putIfAbsent(Variant.CONTROL, 0);
    return new Label(possible.toString(), slots);
  }

  /**
   * The stretch of revisions with this split that the revision lies in; revisions that keep the
   * split are one.
   */
  SeenSplit epoch(Request request) {
    long hash = hash(request.split());
    List<SeenSplit> seen = state.getSeen();
    for (SeenSplit known : seen) {
      if (known.getSplit() == hash) {
        long low = Math.min(known.getRevision(), request.revision());
        long high = Math.max(known.getRevision(), request.revision());
        boolean between =
            seen.stream()
                .anyMatch(
                    each ->
                        each.getSplit() != hash
                            && each.getRevision() > low
                            && each.getRevision() < high);
        if (!between) {
          return known;
        }
      }
    }
    SeenSplit made =
        new SeenSplit(request.revision(), hash, request.split().slots(request.variant()).bounds());
    seen.add(made);
    seen.sort(Comparator.comparingLong(SeenSplit::getRevision));
    if (seen.size() > MAX_SPLITS) {
      SlotSet oldest = new SlotSet(seen.remove(0).getSlots());
      state.setBase(new SlotSet(state.getBase()).intersect(oldest).bounds());
    }
    return made;
  }

  private static long hash(Split split) {
    long hash = 1125899906842597L;
    String text = split.slices().toString();
    for (int i = 0; i < text.length(); i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return hash;
  }
}
