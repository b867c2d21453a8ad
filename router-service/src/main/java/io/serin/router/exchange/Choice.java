package io.serin.router.exchange;

import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
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
 * @param stored where the response is stored that the request continues; null where it continues
 *     none that Serin served
 */
record Choice(String unit, Variant assigned, Variant first, Why why, @Nullable ResponseId stored) {

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

  /** What the variant must be sent in place of the signed id. */
  BodyPatch patch() {
    return stored == null ? BodyPatch.NONE : BodyPatch.set(PREVIOUS, stored.id());
  }
}
