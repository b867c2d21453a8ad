package io.serin.router.exchange;

import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.router.conversation.Continuation;
import io.serin.router.conversation.Conversation;
import io.serin.router.feedback.ResponseId;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Why;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which variant is asked first, and why.
 *
 * @param unit the hashed unit
 * @param assigned the variant by the split
 * @param first the variant that is asked
 * @param why why it is
 * @param conversation what the request continues
 */
record Choice(String unit, Variant assigned, Variant first, Why why, Conversation conversation) {

  static final String PREVIOUS = "previous_response_id";

  /**
   * Whether one variant can answer in another's place. Vectors of two models have nothing to do
   * with each other, and a client stores them: it must never get one model's for the other's.
   */
  static boolean alike(Endpoint endpoint, Variant variant, Variant other) {
    return switch (endpoint) {
      case EMBEDDINGS -> Objects.equals(variant.model(), other.model());
      case CHAT_COMPLETIONS, COMPLETIONS, RESPONSES, MESSAGES -> true;
    };
  }

  /** The client's "previous_response_id"; null where it sent none. */
  static @Nullable String previous(CompletionRequest request) {
    return request.endpoint() == Endpoint.RESPONSES ? request.field(PREVIOUS) : null;
  }

  /** The same request at another variant. */
  Choice at(Variant other, Why reason) {
    return new Choice(unit, assigned, other, reason, conversation);
  }

  /** The same request where its conversation was followed. */
  Choice in(Conversation followed) {
    return new Choice(unit, assigned, first, why, followed);
  }

  /** Whether the variant that is asked is the one of the split. */
  boolean isAsAssigned() {
    return why == Why.ASSIGNED || first.name().equals(assigned.name());
  }

  /** What the request continues. */
  Continuation continuation() {
    return conversation.continuation();
  }

  /** What this variant must be sent in place of the signed id. */
  BodyPatch patch(Variant variant) {
    ResponseId stored = continuation().stored();
    return stored == null || !continuation().keepsPrevious(variant)
        ? BodyPatch.NONE
        : BodyPatch.set(PREVIOUS, stored.id());
  }
}
