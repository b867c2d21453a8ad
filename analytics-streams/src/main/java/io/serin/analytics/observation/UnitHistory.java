package io.serin.analytics.observation;

import io.serin.rollout.assignment.SlotSet;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.EarlyRating;
import io.serin.schemas.EventId;
import io.serin.schemas.LastRequest;
import io.serin.schemas.RunningFirst;
import io.serin.schemas.SeenSplit;
import io.serin.schemas.UnitStage;
import io.serin.schemas.UnitState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one unit in one run: the slots of the arms it was seen in, split by split,
 * and which first events of each stage it has given. A unit's hash lies in all the slot sets of the
 * arms it was seen in; what it was seen in under <em>earlier</em> splits decides its class. Not
 * thread-safe.
 *
 * <p>A conversation is followed by the answers that its requests carry: a request that carries more
 * of them than the one before, and no shorter prompt, continues it. One that began under an earlier
 * split is outside every guard in both arms: its requests teach the unit's class and nothing else.
 * So is one that carries earlier answers when its unit is first seen.
 */
public final class UnitHistory {
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

  /**
   * What a request adds.
   *
   * @param progress what its earlier observations have told
   */
  public record Seeing(Label label, Observation.FirstEvents news, Observation.Progress progress) {}

  /**
   * A rating of a request of this unit.
   *
   * @param source the event that gave it
   */
  public record Rating(int stage, String variant, long eventTime, boolean bad, EventId source) {}

  /** A first rating, with the class of the stage's first request. */
  public record RatingSeen(Label label, Rating rating) {}

  private final UnitState state;
  private final SeenSplits splits;

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
    this.splits = new SeenSplits(state);
  }

  /** All that is remembered. */
  public UnitState state() {
    return state;
  }

  /** Takes in one assigned request that is heard of at its end only. */
  public Seeing see(Request request) {
    return see(request, "", request.eventTime - request.durationMicros / 1_000);
  }

  /**
   * Takes in what is known of one assigned request, at its end or while it is running. A unit's
   * first request is the one that is first heard of, running or not.
   *
   * @param requestId names the request
   * @param startedAt when it was read, milliseconds since the epoch
   */
  public Seeing see(Request request, String requestId, long startedAt) {
    seenAt(request.eventTime);
    UnitStage known = stage(request.stage);
    RunningFirst running = known == null ? null : running(known, requestId);
    if (known != null && running != null) {
      return heardAgain(request, known, running);
    }
    SeenSplit now = splits.epoch(request);
    Label label = splits.label(request, now);
    Observation.Progress progress = new Observation.Progress(startedAt, 0, null);
    LastRequest before = state.getLast();
    boolean follows = before != null && follows(before, request);
    long began = follows ? before.getBegan() : begins(before, request) ? now.getRevision() : UNSEEN;
    boolean cacheHolds =
        follows
            && before.getVariant().equals(request.variant)
            && request.eventTime - request.durationMicros / 1_000 - before.getEventTime()
                <= CACHE_TTL;
    boolean ended = request.end != Observation.End.RUNNING;
    boolean newDay = ended && newDay(request);
    if (ended) {
      remember(request, began);
    }
    if (began < now.getRevision()) {
      return new Seeing(label, Observation.FirstEvents.NONE, progress);
    }
    Observation.FirstEvents news = firstEvents(request, label, cacheHolds, newDay);
    if (!ended && (news.first() || news.firstOfKind())) {
      begun(request.stage)
          .getRunning()
          .add(
              new RunningFirst(
                  requestId,
                  startedAt,
                  request.durationMicros,
                  request.ttftMicros,
                  news.first(),
                  news.firstOfKind()));
    }
    return new Seeing(label, news, progress);
  }

  /** Whether a request is the first that ended on its day. */
  private boolean newDay(Request request) {
    LastRequest before = state.getLast();
    return before != null && request.eventTime / DAY > before.getEventTime() / DAY;
  }

  private void remember(Request request, long began) {
    LastRequest before = state.getLast();
    if (before == null || request.eventTime >= before.getEventTime()) {
      state.setLast(
          new LastRequest(
              request.variant,
              request.eventTime,
              request.priorAnswers == null ? -1 : request.priorAnswers,
              request.promptTokens == null ? -1 : request.promptTokens,
              began));
    }
  }

  /** One of the unit's firsts, known to be running: its end, or that it still is. */
  private Seeing heardAgain(Request request, UnitStage in, RunningFirst before) {
    Label label =
        new Label(
            Objects.requireNonNull(in.getLabelClass(), "a running first has a class"),
            in.getLabelSlots());
    Observation.Progress told =
        new Observation.Progress(
            before.getStartedAt(), before.getToldMicros(), before.getToldTtftMicros());
    boolean newDay = request.end != Observation.End.RUNNING && newDay(request);
    if (request.end == Observation.End.RUNNING) {
      if (request.durationMicros <= before.getToldMicros()) {
        return new Seeing(label, Observation.FirstEvents.NONE, told);
      }
      before.setToldMicros(request.durationMicros);
      if (request.ttftMicros != null) {
        before.setToldTtftMicros(request.ttftMicros);
      }
    } else {
      // What Avro read cannot remove by its iterator.
      in.setRunning(
          new ArrayList<>(in.getRunning().stream().filter(each -> !each.equals(before)).toList()));
      remember(request, splits.epoch(request).getRevision());
    }
    Observation.FirstEvents other = firstEvents(request, label, false, newDay);
    return new Seeing(
        label,
        new Observation.FirstEvents(
            before.getFirst(),
            before.getFirstOfKind(),
            other.firstError(),
            other.firstRefusal(),
            other.firstCached(),
            other.firstFollowUp(),
            other.peaks()),
        told);
  }

  private static @Nullable RunningFirst running(UnitStage in, String requestId) {
    for (RunningFirst each : in.getRunning()) {
      if (each.getRequestId().equals(requestId)) {
        return each;
      }
    }
    return null;
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
    begun.setRunning(new ArrayList<>());
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
  private static Map<Measure, Long> firstsOfDay(Request request, boolean newDay, List<Long> given) {
    if (newDay) {
      Collections.fill(given, NONE);
    }
    Map<Measure, Long> firsts = new EnumMap<>(Measure.class);
    if (request.end == Observation.End.RUNNING) {
      return firsts;
    }
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
}
