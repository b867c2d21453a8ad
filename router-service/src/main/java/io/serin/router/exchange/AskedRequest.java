package io.serin.router.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.router.memory.Hold;
import io.serin.router.rollout.Rollout;

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
}
