package io.serin.analytics.measure;

/** The plain sums of an {@link Aggregate}; each is explained in the module's README. */
public enum Total {
  ATTEMPTS,
  REQUESTS,
  ASSIGNED_REQUESTS,
  FALLBACKS,
  REFUSALS,
  REFUSALS_JUDGED,
  PROMPT_TOKENS,
  COMPLETION_TOKENS,
  CACHE_REPORTED,
  CACHE_HITS,
  CACHED_TOKENS,
  FEEDBACK_COUNT
}
