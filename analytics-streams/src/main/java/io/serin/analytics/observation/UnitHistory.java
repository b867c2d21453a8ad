package io.serin.analytics.observation;

import io.serin.rollout.Variant;
import io.serin.rollout.assignment.SlotSet;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EarlyRating;
import io.serin.schemas.EventId;
import io.serin.schemas.LastRequest;
import io.serin.schemas.SeenSplit;
import io.serin.schemas.UnitStage;
import io.serin.schemas.UnitState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one unit in one run: the slots of the arms it was seen in, split by split,
 * and which first events of each stage it has given. A unit's hash lies in all the slot sets of the
 * arms it was seen in; what it was seen in under <em>earlier</em> splits decides its class. Not
 * thread-safe.
 *
 * <p>A conversation is followed by the answers that its requests carry: a request that carries more
 * of them than the one before, and no shorter prompt, continues it. One that began under an earlier
 * split is outside every guard in both arms: its requests teach the unit's class and nothing else. So
 * is one that carries earlier answers when its unit is first seen.
 */
public final class UnitHistory {
  /** Splits remembered one by one; older ones are kept as their common slots. */
  private static final int MAX_SPLITS = 12;

  /** How long a prompt cache is taken to keep a conversation's prefix, milliseconds. */
  static final long CACHE_TTL = 300_000;

  /** Stands for the revision of a conversation that began before its unit was seen. */
  private static final long UNSEEN = 0;

  /** Ratings of stages that the unit has made no known request in yet. */
  private static final int MAX_EARLY = 4;

  private static final Measure[] DAILY = {
    Measure.LATENCY, Measure.DURATION, Measure.TPOT, Measure.TOKENS
  };
  private static final int WHOLE = DAILY.length;
  private static final long NONE = -1;
  private static final long GIVEN = 0;
  private static final long DAY = 86_400_000;

  /**
   * One assigned request.
   *
   * @param eventTime when it ended, milliseconds since the epoch
   * @param refusal whether it answered with a refusal
   * @param priorAnswers answers that the request carries; null where it cannot be told
   */
  public record Request(
      long revision,
      Split split,
      String variant,
      int stage,
      long eventTime,
      Observation.End end,
      boolean refusal,
      boolean streamed,
      @Nullable Long ttftMicros,
      long durationMicros,
      @Nullable Long promptTokens,
      @Nullable Long completionTokens,
      @Nullable Long cachedTokens,
      @Nullable Integer priorAnswers) {}

  /**
   * A unit's class.
   *
   * @param name of the class
   * @param slots that it leaves to each variant
   */
  public record Label(String name, Map<String, Integer> slots) {}

  /** What a request adds. */
  public record Seeing(Label label, Observation.FirstEvents news) {}

  /**
   * A rating of a request of this unit.
   *
   * @param source the event that gave it
   */
  public record Rating(int stage, String variant, long eventTime, boolean bad, EventId source) {}

  /** A first rating, with the class of the stage's first request. */
  public record RatingSeen(Label label, Rating rating) {}

  private final UnitState state;

  /** The history of a new unit. */
  public UnitHistory() {
    this(
        new UnitState(
            0L,
            SlotSet.ALL.bounds(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            null));
  }

  /** Continues a history; it owns the state from now on. */
  public UnitHistory(UnitState state) {
    this.state = state;
  }

  /** All that is remembered. */
  public UnitState state() {
    return state;
  }

  /** Takes in one assigned request. */
  public Seeing see(Request request) {
    seenAt(request.eventTime);
    SeenSplit now = epoch(request);
    Label label = label(request, now);
    LastRequest before = state.getLast();
    boolean follows = before != null && follows(before, request);
    long began = follows ? before.getBegan() : begins(before, request) ? now.getRevision() : UNSEEN;
    boolean cacheHolds =
        follows
            && before.getVariant().equals(request.variant)
            && request.eventTime - request.durationMicros / 1_000 - before.getEventTime()
                <= CACHE_TTL;
    boolean newDay = before != null && request.eventTime / DAY > before.getEventTime() / DAY;
    if (before == null || request.eventTime >= before.getEventTime()) {
      state.setLast(
          new LastRequest(
              request.variant,
              request.eventTime,
              request.priorAnswers == null ? -1 : request.priorAnswers,
              request.promptTokens == null ? -1 : request.promptTokens,
              began));
    }
    if (began < now.getRevision()) {
      return new Seeing(label, Observation.FirstEvents.NONE);
    }
    return new Seeing(label, firstEvents(request, label, cacheHolds, newDay));
  }

  private void seenAt(long eventTime) {
    state.setLastSeen(Math.max(state.getLastSeen(), eventTime));
  }

  /**
   * Takes in a rating and gives it where it is the unit's first in the stage and the stage's first
   * request is known. A rating that comes earlier waits for {@link #waiting}.
   */
  public Optional<RatingSeen> rate(Rating rating) {
    seenAt(rating.eventTime);
    UnitStage in = stage(rating.stage);
    String labelClass = in == null ? null : in.getLabelClass();
    List<EarlyRating> early = state.getEarly();
    if (in == null || labelClass == null) {
      if (early.size() < MAX_EARLY
          && early.stream().noneMatch(each -> each.getStage() == rating.stage)) {
        early.add(
            new EarlyRating(
                rating.stage, rating.variant, rating.eventTime, rating.bad, rating.source));
      }
      return Optional.empty();
    }
    if (in.getRated()) {
      return Optional.empty();
    }
    in.setRated(true);
    return Optional.of(new RatingSeen(new Label(labelClass, in.getLabelSlots()), rating));
  }

  /** The rating that came before the first request of the stage, once that is known. */
  public Optional<RatingSeen> waiting(int stage) {
    UnitStage in = stage(stage);
    if (in == null || in.getLabelClass() == null) {
      return Optional.empty();
    }
    List<EarlyRating> early = state.getEarly();
    for (int i = 0; i < early.size(); i++) {
      EarlyRating each = early.get(i);
      if (each.getStage() == stage) {
        early.remove(i);
        return rate(
            new Rating(
                stage, each.getVariant(), each.getEventTime(), each.getBad(), each.getSource()));
      }
    }
    return Optional.empty();
  }

  private Label label(Request request, SeenSplit now) {
    SlotSet possible = new SlotSet(state.getBase());
    for (SeenSplit before : state.getSeen()) {
      if (before.getRevision() < now.getRevision()) {
        possible = possible.intersect(new SlotSet(before.getSlots()));
      }
    }
    Map<String, Integer> slots = new TreeMap<>();
    for (String name : request.split.weights().keySet()) {
      slots.put(name, possible.intersect(request.split.slots(name)).size());
    }
    slots.putIfAbsent(Variant.CONTROL, 0);
    return new Label(possible.toString(), slots);
  }

  /** Whether a request that follows none is the first of its conversation, as far as is known. */
  private static boolean begins(@Nullable LastRequest before, Request request) {
    return before != null || request.priorAnswers == null || request.priorAnswers == 0;
  }

  private static boolean follows(LastRequest before, Request request) {
    return request.priorAnswers != null
        && before.getAnswers() >= 0
        && request.priorAnswers > before.getAnswers()
        && (request.promptTokens == null || request.promptTokens >= before.getPromptTokens());
  }

  private @Nullable UnitStage stage(int stage) {
    for (UnitStage each : state.getStages()) {
      if (each.getStage() == stage) {
        return each;
      }
    }
    return null;
  }

  private UnitStage begun(int stage) {
    UnitStage known = stage(stage);
    if (known != null) {
      return known;
    }
    UnitStage begun = new UnitStage();
    begun.setStage(stage);
    begun.setLabelSlots(Map.of());
    begun.setPeaks(new ArrayList<>(Collections.nCopies(2 * WHOLE, NONE)));
    state.getStages().add(begun);
    return begun;
  }

  private Observation.FirstEvents firstEvents(
      Request request, Label label, boolean cacheHolds, boolean newDay) {
    UnitStage in = begun(request.stage);
    boolean first = in.getLabelClass() == null;
    if (first) {
      in.setLabelClass(label.name);
      in.setLabelSlots(label.slots);
    }
    boolean firstOfKind = request.streamed ? !in.getStreamed() : !in.getWhole();
    boolean firstError = request.end == Observation.End.FAILED && !in.getError();
    boolean firstRefusal = request.refusal && !in.getRefusal();
    boolean firstCached = request.cachedTokens != null && !in.getCached();
    boolean firstFollowUp = request.cachedTokens != null && cacheHolds && !in.getFollowUp();
    in.setStreamed(in.getStreamed() || request.streamed);
    in.setWhole(in.getWhole() || !request.streamed);
    in.setError(in.getError() || firstError);
    in.setRefusal(in.getRefusal() || firstRefusal);
    in.setCached(in.getCached() || firstCached);
    in.setFollowUp(in.getFollowUp() || firstFollowUp);
    return new Observation.FirstEvents(
        first,
        firstOfKind,
        firstError,
        firstRefusal,
        firstCached,
        firstFollowUp,
        firstsOfDay(request, newDay, in.getPeaks()));
  }

  /** Measures of which the request gives the day's first value. */
  private static Map<Measure, Long> firstsOfDay(
      Request request, boolean newDay, List<Long> given) {
    if (newDay) {
      Collections.fill(given, NONE);
    }
    Map<Measure, Long> firsts = new EnumMap<>(Measure.class);
    for (int i = 0; i < DAILY.length; i++) {
      Long value =
          DAILY[i].value(
              request.end,
              request.streamed,
              request.ttftMicros,
              request.durationMicros,
              request.completionTokens);
      int at = i + (request.streamed ? 0 : WHOLE);
      if (value != null && given.set(at, GIVEN) == NONE) {
        firsts.put(DAILY[i], NONE);
      }
    }
    return firsts;
  }

  /**
   * The stretch of revisions with this split that the revision lies in; revisions that keep the
   * split are one.
   */
  private SeenSplit epoch(Request request) {
    long hash = hash(request.split);
    List<SeenSplit> seen = state.getSeen();
    for (SeenSplit known : seen) {
      if (known.getSplit() == hash) {
        long low = Math.min(known.getRevision(), request.revision);
        long high = Math.max(known.getRevision(), request.revision);
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
        new SeenSplit(request.revision, hash, request.split.slots(request.variant).bounds());
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
