package io.serin.router.exchange;

import io.serin.router.feedback.RequestId;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Why;
import org.jspecify.annotations.Nullable;

/**
 * Which attempt of a request this is.
 *
 * @param id the request's id, which names the variant that serves
 * @param requestId the same, signed
 * @param variant the variant that is called
 * @param why why it is
 * @param number 1 for the first
 * @param queueNanos from reading the request to calling the variant
 * @param progressId the id that its progress was recorded under, where that is not requestId
 */
record AttemptFacts(
    RequestId id,
    String requestId,
    Variant variant,
    Why why,
    int number,
    long queueNanos,
    @Nullable String progressId) {

  /** Whether a tester chose the variant. */
  boolean overridden() {
    return why == Why.OVERRIDE;
  }

  /** The same attempt under the id of the one that follows: all attempts of a request share it. */
  AttemptFacts under(AttemptFacts next) {
    return new AttemptFacts(next.id, next.requestId, variant, why, number, queueNanos, requestId);
  }
}
