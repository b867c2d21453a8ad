package io.serin.router.exchange;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.rollout.assignment.Assignment;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.attempt.Backends;
import io.serin.router.feedback.RequestIds;
import io.serin.router.feedback.ResponseId;
import io.serin.router.http.Tenants;
import io.serin.router.ports.RouterClock;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Why;
import io.vertx.core.MultiMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Chooses the variant that a request asks first, and takes one of its permits. */
final class Chooser {

  private static final int RANDOM_UNIT_BYTES = 16;

  private final Requests requests;
  private final Backends backends;
  private final RequestIds ids;
  private final RandomGenerator random;
  private final Overrides overrides;

  Chooser(
      Requests requests,
      Backends backends,
      RequestIds ids,
      RandomGenerator random,
      RouterClock clock) {
    this.requests = requests;
    this.backends = backends;
    this.ids = ids;
    this.random = random;
    this.overrides = new Overrides(ids.overrides(), clock);
  }

  /**
   * Chooses, and takes a permit of the chosen variant.
   *
   * @throws OpenAiException with status 429 if control itself, or a variant that control cannot
   *     stand in for, is at its limit; 400 or 403 if a tester's token cannot be obeyed; 404 if
   *     the response that is continued is another owner's
   */
  Choice choose(Rollout rollout, CompletionRequest request, MultiMap headers, String owner) {
    Table table = requests.table();
    Variant wanted = overrides.wanted(table, rollout, headers);
    Choice assigned = assigned(table, rollout, request, headers);
    ResponseId stored = stored(rollout, Choice.previous(request), owner);
    return permitted(
        rollout,
        request.endpoint(),
        wanted == null
            ? continuing(table, rollout, request, assigned, stored)
            : overridden(assigned, wanted, stored));
  }

  /** The variant that would be chosen, without a permit. */
  Variant wouldServe(Rollout rollout, CompletionRequest request, MultiMap headers) {
    Table table = requests.table();
    Variant wanted = overrides.wanted(table, rollout, headers);
    return wanted == null ? assigned(table, rollout, request, headers).first() : wanted;
  }

  private Choice assigned(
      Table table, Rollout rollout, CompletionRequest request, MultiMap headers) {
    Variant control = rollout.control();
    return switch (rollout.assigner().assign(new RequestUnits(headers, request))) {
      case Assignment.ByUnit byUnit -> {
        Variant assigned = rollout.variants().getOrDefault(byUnit.variant(), control);
        // Evidence of a control that only stands in says nothing about the command's own.
        boolean elsewhere =
            table.removed(rollout.name(), assigned)
                || (assigned.control() && rollout.controlStandsIn());
        Why removed = table.lapsed(rollout.name()) ? Why.LAPSED : Why.TRIPPED;
        yield elsewhere
            ? new Choice(byUnit.unit(), assigned, control, removed, null)
            : new Choice(byUnit.unit(), assigned, assigned, Why.ASSIGNED, null);
      }
      case Assignment.NoUnit() -> new Choice(randomUnit(), control, control, Why.NO_UNIT, null);
    };
  }

  private String randomUnit() {
    byte[] bytes = new byte[RANDOM_UNIT_BYTES];
    random.nextBytes(bytes);
    return UnitHasher.encode(bytes);
  }

  /** A tester's own choice; a stored response can be continued only where it is stored. */
  private static Choice overridden(Choice choice, Variant wanted, @Nullable ResponseId id) {
    if (id != null && !id.variant().equals(wanted.name())) {
      throw new OpenAiException(
          OpenAiError.invalidRequest(
              "The previous response is stored at '"
                  + id.variant()
                  + "', the variant token asks for '"
                  + wanted.name()
                  + "'.",
              Choice.PREVIOUS,
              null));
    }
    return new Choice(choice.unit(), choice.assigned(), wanted, Why.OVERRIDE, id);
  }

  /**
   * Where a stored response of this rollout is; null if Serin did not give the id.
   *
   * @throws OpenAiException with status 404 where it is, or may be, another owner's or rollout's
   */
  private @Nullable ResponseId stored(Rollout rollout, @Nullable String previous, String owner) {
    if (previous == null) {
      return null;
    }
    ResponseId id = ids.responses().read(previous, owner).orElse(null);
    boolean foreign =
        id == null
            ? ids.responses().hasForm(previous) || Tenants.isTenant(owner)
            : !id.rollout().equals(rollout.name());
    if (foreign) {
      throw new OpenAiException(OpenAiError.responseNotFound(previous, Choice.PREVIOUS));
    }
    return id;
  }

  /**
   * A request that continues a stored response goes to the variant that stored it, unless that was
   * removed; an id that Serin did not give belongs to control.
   */
  private static Choice continuing(
      Table table,
      Rollout rollout,
      CompletionRequest request,
      Choice choice,
      @Nullable ResponseId id) {
    if (Choice.previous(request) == null) {
      return choice;
    }
    Variant named = id == null ? null : rollout.variants().get(id.variant());
    Variant holder = named != null && table.keeps(rollout, named) ? named : rollout.control();
    return new Choice(choice.unit(), choice.assigned(), holder, Why.PINNED, id);
  }

  /** Takes a permit of the variant, or of control if a candidate is at its limit. */
  private Choice permitted(Rollout rollout, Endpoint endpoint, Choice choice) {
    Variant first = choice.first();
    Variant control = rollout.control();
    if (backends.of(rollout.name(), first).enter()) {
      return choice;
    }
    if (choice.why() != Why.OVERRIDE
        && !first.control()
        && Choice.alike(endpoint, first, control)
        && backends.of(rollout.name(), control).enter()) {
      return new Choice(choice.unit(), choice.assigned(), control, Why.LIMITED, choice.stored());
    }
    throw new OpenAiException(
        OpenAiError.overloaded("The model is at its limit of concurrent requests."));
  }
}
