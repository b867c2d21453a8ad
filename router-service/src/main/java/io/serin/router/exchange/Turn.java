package io.serin.router.exchange;

import io.serin.modelcalls.Pool;
import io.serin.openai.ResponseIdFilter;
import io.serin.openai.state.AnswerState;
import io.serin.router.attempt.Attempt;
import io.serin.router.rollout.Variant;
import org.jspecify.annotations.Nullable;

/**
 * One variant's turn to answer a request: it holds a permit of the variant until it is over.
 * Confined to its event loop.
 */
final class Turn {

  private final AttemptFacts facts;
  private @Nullable Pool permit;
  private @Nullable Attempt attempt;
  private @Nullable ResponseIdFilter responseIds;
  private @Nullable AnswerState state;

  /**
   * A turn.
   *
   * @param permit of whose permits it holds one, to be given back
   */
  Turn(AttemptFacts facts, Pool permit) {
    this.facts = facts;
    this.permit = permit;
  }

  /** The call is made. */
  void calls(Attempt made) {
    attempt = made;
  }

  /** What rewrites the ids of stored responses in this turn's answer. */
  void rewrites(ResponseIdFilter ids) {
    responseIds = ids;
  }

  /** What marks the state of this turn's answer. */
  void marks(AnswerState marking) {
    state = marking;
  }

  /**
   * A whole answer of the variant as the client gets it: state marked, ids of stored responses that
   * come back here.
   */
  byte[] body(byte[] answer) {
    AnswerState marking = state;
    ResponseIdFilter ids = responseIds;
    byte[] marked = marking == null ? answer : marking.body(answer);
    return ids == null ? marked : ids.body(marked);
  }

  /** Gives its permit back; a second time has no effect. */
  void leave() {
    Pool held = permit;
    permit = null;
    if (held != null) {
      held.leave();
    }
  }

  AttemptFacts facts() {
    return facts;
  }

  Variant variant() {
    return facts.variant();
  }

  /** The call; null before it is made, or if it could not be. */
  @Nullable Attempt attempt() {
    return attempt;
  }
}
