package io.serin.router.exchange;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.rollout.assignment.Assignment;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.attempt.Backends;
import io.serin.router.conversation.Continuation;
import io.serin.router.conversation.Conversation;
import io.serin.router.conversation.Followed;
import io.serin.router.exchange.RequestFacts.Client;
import io.serin.router.feedback.RequestIds;
import io.serin.router.feedback.ResponseId;
import io.serin.router.http.Tenants;
import io.serin.router.ports.RouterClock;
import io.serin.router.rollout.Conversations;
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
  private final Followed followed;

  Chooser(
      Requests requests,
      Backends backends,
      RequestIds ids,
      RandomGenerator random,
      RouterClock clock,
      Conversations conversations) {
    this.requests = requests;
    this.followed = new Followed(conversations);
    this.backends = backends;
    this.ids = ids;
    this.random = random;
    this.overrides = new Overrides(ids.overrides(), clock);
  }

  /**
   * Chooses, and takes a permit of the chosen variant.
   *
   * @param client who asks
   * @throws OpenAiException with status 429 if control itself, or a variant that control cannot
   *     stand in for, is at its limit; 400 or 403 if a tester's token cannot be obeyed; 404 if the
   *     response that is continued is another owner's
   */
  Choice choose(Rollout rollout, CompletionRequest request, MultiMap headers, Client client) {
    Table table = requests.table();
    Variant wanted = overrides.wanted(table, rollout, headers);
    Choice assigned = assigned(table, rollout, request, headers, client);
    if (wanted != null) {
      return permitted(rollout, request.endpoint(), overridden(assigned, wanted));
    }
    Followed.Turn turn =
        followed.read(
            rollout, request, headers, assigned.why() == Why.NO_UNIT ? null : assigned.unit());
    Choice chosen = continuing(table, rollout, assigned);
    if (chosen.why() == Why.ASSIGNED && rollout.command().getPinConversations()) {
      chosen = pinned(table, rollout, chosen, turn);
    }
    Choice permitted = permitted(rollout, request.endpoint(), chosen);
    return permitted.in(
        followed.turn(turn, permitted.continuation(), permitted.assigned(), permitted.first()));
  }

  /** The choice for a request that is no evidence: without a permit, and not followed. */
  Choice wouldChoose(Rollout rollout, CompletionRequest request, MultiMap headers, Client client) {
    Table table = requests.table();
    Variant wanted = overrides.wanted(table, rollout, headers);
    Choice assigned = assigned(table, rollout, request, headers, client);
    return wanted == null ? continuing(table, rollout, assigned) : overridden(assigned, wanted);
  }

  private Choice assigned(
      Table table, Rollout rollout, CompletionRequest request, MultiMap headers, Client client) {
    String previous = Choice.previous(request);
    Continuation continuation =
        Continuation.of(
            rollout,
            request,
            ids.marks(),
            client.markTenant(),
            previous,
            stored(rollout, previous, client.owner()));
    Conversation conversation = Conversation.of(continuation);
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
            ? new Choice(byUnit.unit(), assigned, control, removed, conversation)
            : new Choice(byUnit.unit(), assigned, assigned, Why.ASSIGNED, conversation);
      }
      case Assignment.NoUnit() ->
          new Choice(randomUnit(), control, control, Why.NO_UNIT, conversation);
    };
  }

  private String randomUnit() {
    byte[] bytes = new byte[RANDOM_UNIT_BYTES];
    random.nextBytes(bytes);
    return UnitHasher.encode(bytes);
  }

  /** A tester's own choice; a stored response can be continued only where it is stored. */
  private static Choice overridden(Choice choice, Variant wanted) {
    ResponseId id = choice.continuation().stored();
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
    return choice.at(wanted, Why.OVERRIDE);
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
   * A request that brings back state goes to the variant that made it, unless that was removed:
   * then, and where nobody knows who made it, to control, and what control did not make is taken
   * out. One that goes where it is assigned, with nothing taken out, stays what it is.
   */
  private static Choice continuing(Table table, Rollout rollout, Choice choice) {
    Continuation continuation = choice.continuation();
    Variant first = choice.first();
    boolean stored = continuation.stored() != null;
    if (continuation.isEmpty()
        || (!stored && continuation.isAllOf(first) && choice.isAsAssigned())) {
      return choice;
    }
    String maker = continuation.maker(first.name());
    Variant named = maker == null ? null : rollout.variants().get(maker);
    Variant holder = named != null && table.keeps(rollout, named) ? named : rollout.control();
    return choice.at(holder, Why.PINNED);
  }

  /** A conversation without state stays where it had its newest turn, as far as that is known. */
  private Choice pinned(Table table, Rollout rollout, Choice choice, Followed.Turn turn) {
    String model = followed.modelOf(turn);
    if (model == null || model.equals(choice.first().maker())) {
      return choice;
    }
    for (Variant variant : rollout.variants().values()) {
      if (variant.maker().equals(model) && table.keeps(rollout, variant)) {
        return choice.at(variant, Why.PINNED);
      }
    }
    return choice;
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
      return choice.at(control, Why.LIMITED);
    }
    throw new OpenAiException(
        OpenAiError.overloaded("The model is at its limit of concurrent requests."));
  }
}
