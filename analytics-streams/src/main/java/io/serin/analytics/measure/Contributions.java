package io.serin.analytics.measure;

import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pure: from events to what they add to the windows of the variants they concern. */
final class Contributions {
  /**
   * OpenAI's reasons; any other is counted as "other", so that an upstream cannot grow a record.
   */
  private static final Set<String> FINISH_REASONS =
      Set.of("stop", "length", "tool_calls", "function_call", "content_filter");

  private Contributions() {}

  /**
   * What an attempt adds: to the variant that was called and, on the request's last attempt, to the
   * variant that was assigned. What a tester's token chose is nobody's traffic and adds nothing.
   *
   * @param eventTime milliseconds since the epoch
   */
  static List<Contribution> of(RequestEvent event, long eventTime) {
    if (event.getWhy() == Why.OVERRIDE) {
      return List.of();
    }
    List<Contribution> contributions = new ArrayList<>(2);
    contributions.add(
        new Contribution(key(event, event.getServedVariant(), eventTime), served(event)));
    if (event.getLast()) {
      contributions.add(
          new Contribution(key(event, event.getAssignedVariant(), eventTime), assigned(event)));
    }
    return contributions;
  }

  /**
   * What a feedback's value adds to the window it came in.
   *
   * @param earlier the value it replaces, in the same window; null for the first
   */
  static Contribution of(WindowKey key, double value, @Nullable Double earlier) {
    BigDecimal sum = new BigDecimal(value);
    Aggregate aggregate =
        earlier == null
            ? plain("", Tally.one(Total.FEEDBACK_COUNT.name()), sum)
            : plain("", Tally.NONE, sum.subtract(new BigDecimal(earlier)));
    return new Contribution(key, aggregate);
  }

  /** The window that a feedback first came in: of the variant that gave the rated answer. */
  static WindowKey key(FeedbackEvent event, long eventTime) {
    return new WindowKey(
        WindowSize.TEN_SECONDS.millis(),
        WindowSize.TEN_SECONDS.startOf(eventTime),
        event.getRollout(),
        event.getRun(),
        event.getStage(),
        event.getServedVariant());
  }

  private static WindowKey key(RequestEvent event, String variant, long eventTime) {
    return new WindowKey(
        WindowSize.TEN_SECONDS.millis(),
        WindowSize.TEN_SECONDS.startOf(eventTime),
        event.getRollout(),
        event.getRun(),
        event.getStage(),
        variant);
  }

  private static Aggregate served(RequestEvent event) {
    Measurement measurement = event.getMeasurement();
    Outcome outcome = measurement.getOutcome();
    Tally totals = Tally.NONE;
    Tally outcomes = Tally.NONE;
    Tally finishReasons = Tally.NONE;
    if (outcome != Outcome.REJECTED) {
      totals = attempt(measurement);
      outcomes = Tally.one(outcome.name());
      finishReasons = finishReason(measurement.getFinishReason());
    }
    Tally clientOutcomes = Tally.NONE;
    Tally whys = Tally.NONE;
    if (event.getLast()) {
      Outcome client = event.getClientOutcome();
      totals = totals.plus(Total.REQUESTS.name(), 1);
      clientOutcomes = Tally.one((client == null ? outcome : client).name());
      whys = Tally.one(event.getWhy().name());
    }
    boolean ok = outcome == Outcome.OK;
    return new Aggregate(
        event.getStageName(),
        totals,
        outcomes,
        clientOutcomes,
        finishReasons,
        whys,
        BigDecimal.ZERO,
        with(Distribution.NO_TIMES, measurement.getTtftMicros()),
        with(Distribution.NO_TIMES, ok ? measurement.getDurationMicros() : null),
        with(Distribution.NO_TOKENS, ok ? measurement.getCompletionTokens() : null));
  }

  private static Tally attempt(Measurement measurement) {
    Long cached = measurement.getCachedTokens();
    Boolean refusal = measurement.getRefusal();
    return Tally.one(Total.ATTEMPTS.name())
        .plus(Total.REFUSALS.name(), Boolean.TRUE.equals(refusal) ? 1 : 0)
        .plus(Total.REFUSALS_JUDGED.name(), refusal == null ? 0 : 1)
        .plus(Total.PROMPT_TOKENS.name(), orZero(measurement.getPromptTokens()))
        .plus(Total.COMPLETION_TOKENS.name(), orZero(measurement.getCompletionTokens()))
        .plus(Total.CACHE_REPORTED.name(), cached == null ? 0 : 1)
        .plus(Total.CACHE_HITS.name(), cached != null && cached > 0 ? 1 : 0)
        .plus(Total.CACHED_TOKENS.name(), orZero(cached));
  }

  private static Aggregate assigned(RequestEvent event) {
    boolean fallback =
        event.getWhy() == Why.FALLBACK
            && !event.getAssignedVariant().equals(event.getServedVariant());
    return plain(
        event.getStageName(),
        Tally.one(Total.ASSIGNED_REQUESTS.name()).plus(Total.FALLBACKS.name(), fallback ? 1 : 0),
        BigDecimal.ZERO);
  }

  private static Aggregate plain(String stageName, Tally totals, BigDecimal sum) {
    Aggregate none = Aggregate.NONE;
    return new Aggregate(
        stageName,
        totals,
        none.outcomes(),
        none.clientOutcomes(),
        none.finishReasons(),
        none.whys(),
        sum,
        none.ttft(),
        none.duration(),
        none.tokens());
  }

  private static Tally finishReason(@Nullable String reason) {
    if (reason == null) {
      return Tally.NONE;
    }
    return Tally.one(FINISH_REASONS.contains(reason) ? reason : "other");
  }

  private static Distribution with(Distribution distribution, @Nullable Long value) {
    return value == null ? distribution : distribution.with(value);
  }

  /** Absent, or nonsense from an upstream, adds nothing. */
  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : Math.clamp(value, 0, 1_000_000_000L);
  }
}
