package io.serin.router.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.router.memory.Hold;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Why;
import org.jspecify.annotations.Nullable;

/**
 * A client's request once it is read and assigned. Immutable, but for its headers and body, which
 * nobody changes.
 *
 * @param request what was asked
 * @param rollout the rollout as it was when the request came
 * @param choice the variant that was assigned, and the one that is asked first
 * @param facts what else is known of it
 * @param passing the client's headers that may pass to a variant
 * @param memory what it holds of the router's memory
 */
record AskedRequest(
    CompletionRequest request,
    Rollout rollout,
    Choice choice,
    RequestFacts facts,
    HttpHeaders passing,
    Hold memory) {

  Endpoint endpoint() {
    return request.endpoint();
  }

  /**
   * The time to its first content that a candidate has where the client's or the total deadline
   * gives it less than the rollout does: half of it, since control needs the other half. Null where
   * the rollout's own deadline is the shorter, or control cannot stand in.
   */
  @Nullable Long shareMillis() {
    Deadlines of = rollout.command().getDeadlines();
    long share = Math.max(1, Math.min(of.getTotal(), facts.client().patienceMillis()) / 2);
    return share < of.getFirstByte()
            && rollout.variants().values().stream().allMatch(this::controlCanServe)
        ? share
        : null;
  }

  /** Whether control's answer is as good as the variant's would have been. */
  boolean controlCanServe(Variant variant) {
    return Choice.alike(endpoint(), variant, rollout.control())
        && (choice.why() != Why.PINNED
            || choice.continuation().isMovable()
            || variant.sharesServerWith(rollout.control()));
  }
}
