package io.serin.router.exchange;

import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.rollout.assignment.Assignment;
import io.serin.router.feedback.ResponseId;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Why;
import io.vertx.core.MultiMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who is asked first, and why. A place at that variant is taken.
 *
 * @param unit the hashed unit
 * @param assigned the variant by the split
 * @param first the variant that is asked
 * @param why why it is
 * @param stored where the response is stored that the request continues; null where it continues
 *     none that Serin served
 */
record Choice(String unit, Variant assigned, Variant first, Why why, @Nullable ResponseId stored) {

  private static final String PREVIOUS = "previous_response_id";

  /**
   * Chooses.
   *
   * @throws OpenAiException with status 429 where control itself, or a variant that control cannot
   *     stand in for, is at its limit; 400 or 403 where a tester's token cannot be obeyed
   */
  static Choice of(Loop loop, Rollout rollout, CompletionRequest request, MultiMap headers) {
    Variant wanted = Overrides.wanted(loop, rollout, headers);
    Assignment assignment = rollout.assigner().assign(new RequestUnits(headers, request));
    Variant control = rollout.control();
    Choice choice =
        switch (assignment) {
          case Assignment.ByUnit byUnit -> {
            Variant assigned = rollout.variants().getOrDefault(byUnit.variant(), control);
            // Evidence of a control that only stands in says nothing about the command's own.
            boolean elsewhere =
                loop.table().removed(rollout.name(), assigned)
                    || (assigned.control() && rollout.controlStandsIn());
            yield elsewhere
                ? new Choice(byUnit.unit(), assigned, control, whyRemoved(loop, rollout), null)
                : new Choice(byUnit.unit(), assigned, assigned, Why.ASSIGNED, null);
          }
          case Assignment.NoUnit() ->
              new Choice(loop.randomUnit(), control, control, Why.NO_UNIT, null);
        };
    return (wanted == null
            ? choice.continuing(loop, rollout, request)
            : choice.overridden(loop, rollout, request, wanted))
        .entered(loop, rollout, request.endpoint());
  }

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

  private static Why whyRemoved(Loop loop, Rollout rollout) {
    return loop.table().lapsed(rollout.name()) ? Why.LAPSED : Why.TRIPPED;
  }

  /** The client's "previous_response_id"; null where it sent none. */
  static @Nullable String previous(CompletionRequest request) {
    return request.endpoint() == Endpoint.RESPONSES ? request.field(PREVIOUS) : null;
  }

  /** What the variant must be sent in place of the signed id. */
  BodyPatch patch() {
    return stored == null ? BodyPatch.NONE : BodyPatch.set(PREVIOUS, stored.id());
  }

  /** A tester's own choice; a stored response can be continued only where it is stored. */
  private Choice overridden(Loop loop, Rollout rollout, CompletionRequest request, Variant wanted) {
    ResponseId id = stored(loop, rollout, previous(request));
    if (id != null && !id.variant().equals(wanted.name())) {
      throw new OpenAiException(
          OpenAiError.invalidRequest(
              "The previous response is stored at '"
                  + id.variant()
                  + "', the variant token asks for '"
                  + wanted.name()
                  + "'.",
              PREVIOUS,
              null));
    }
    return new Choice(unit, assigned, wanted, Why.OVERRIDE, id);
  }

  /** Where a stored response of this rollout is; null where Serin did not give the id. */
  private static @Nullable ResponseId stored(
      Loop loop, Rollout rollout, @Nullable String previous) {
    return previous == null
        ? null
        : loop.ids()
            .responses()
            .read(previous)
            .filter(said -> said.rollout().equals(rollout.name()))
            .orElse(null);
  }

  /**
   * A response that continues a stored one goes to who stored it, unless that variant was removed;
   * an id that Serin did not give belongs to control.
   */
  private Choice continuing(Loop loop, Rollout rollout, CompletionRequest request) {
    String previous = previous(request);
    if (previous == null) {
      return this;
    }
    ResponseId id = stored(loop, rollout, previous);
    Variant named = id == null ? null : rollout.variants().get(id.variant());
    Variant holder =
        named != null && loop.table().keeps(rollout, named) ? named : rollout.control();
    return new Choice(unit, assigned, holder, Why.PINNED, id);
  }

  /** Takes a place at the variant, or at control where a candidate has none. */
  private Choice entered(Loop loop, Rollout rollout, Endpoint endpoint) {
    Variant control = rollout.control();
    if (loop.backends().of(rollout.name(), first).enter()) {
      return this;
    }
    if (why != Why.OVERRIDE
        && !first.control()
        && alike(endpoint, first, control)
        && loop.backends().of(rollout.name(), control).enter()) {
      return new Choice(unit, assigned, control, Why.LIMITED, stored);
    }
    throw new OpenAiException(
        OpenAiError.overloaded("The model is at its limit of concurrent requests."));
  }
}
