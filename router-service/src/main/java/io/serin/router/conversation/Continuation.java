package io.serin.router.conversation;

import io.serin.modelcalls.Address;
import io.serin.openai.CompletionRequest;
import io.serin.openai.state.RequestState;
import io.serin.router.feedback.ResponseId;
import io.serin.router.feedback.StateMarks;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.schemas.RolloutState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request brings back of earlier answers, and which variant made it. State belongs to the
 * model and the server that made it, whatever run they served: a variant of another run with the
 * same model at the same server takes it. What nobody marked was made before Serin, and is
 * control's until a run is retired. Confined to one request.
 */
public final class Continuation {

  /** Marks that are tried: more are nobody's. Each costs one HMAC for each server. */
  private static final int MOST_MARKS = 512;

  /**
   * The maker of one mark.
   *
   * @param variants the variants that made it, or could have
   * @param server where
   */
  private record Maker(Set<String> variants, @Nullable Address server) {}

  private static final Maker NOBODY = new Maker(Set.of(), null);

  private final Rollout rollout;
  private final RequestState state;
  private final @Nullable String previous;
  private final @Nullable ResponseId stored;
  private final Map<String, Maker> makers;

  private Continuation(
      Rollout rollout,
      RequestState state,
      @Nullable String previous,
      @Nullable ResponseId stored,
      Map<String, Maker> makers) {
    this.rollout = rollout;
    this.state = state;
    this.previous = previous;
    this.stored = stored;
    this.makers = makers;
  }

  /**
   * Reads what a request continues.
   *
   * @param tenant whose client asks; empty where nobody is asked for a key
   * @param previous the "previous_response_id" as the client sent it; null for none
   * @param stored what that says; null where Serin did not give it
   */
  public static Continuation of(
      Rollout rollout,
      CompletionRequest request,
      StateMarks marks,
      String tenant,
      @Nullable String previous,
      @Nullable ResponseId stored) {
    RequestState state = RequestState.of(request);
    Map<String, Maker> makers = new HashMap<>();
    for (String mark : state.marks()) {
      if (!mark.equals(RequestState.UNMARKED)
          && !makers.containsKey(mark)
          && makers.size() < MOST_MARKS) {
        makers.put(mark, maker(rollout, marks, mark, tenant));
      }
    }
    return new Continuation(rollout, state, previous, stored, makers);
  }

  private static Maker maker(Rollout rollout, StateMarks marks, String mark, String tenant) {
    Set<String> variants = new HashSet<>();
    Address server = null;
    Set<Variant> all = new HashSet<>(rollout.variants().values());
    all.add(rollout.control());
    for (Variant variant : all) {
      for (Address address : variant.addresses()) {
        if (marks.says(mark, subject(tenant, variant, address))) {
          variants.add(variant.name());
          server = address;
        }
      }
    }
    return server == null ? NOBODY : new Maker(variants, server);
  }

  /** A new mark for the state that a variant makes. */
  public static String mark(
      StateMarks marks, String tenant, Variant variant, Address server, long random) {
    return marks.make(subject(tenant, variant, server), random);
  }

  private static String subject(String tenant, Variant variant, Address server) {
    return tenant + "\n" + variant.makerAt(server);
  }

  /** Whether the request brings nothing back. */
  public boolean isEmpty() {
    return state.isEmpty() && previous == null;
  }

  /** What the id of the earlier response says; null where there is none that Serin gave. */
  public @Nullable ResponseId stored() {
    return stored;
  }

  /**
   * The variant that made the newest of it: control for what nobody marked. Null where nobody here
   * made any of it.
   *
   * @param preferred chosen where several could have made it
   */
  public @Nullable String maker(String preferred) {
    if (previous != null) {
      return stored == null ? rollout.control().name() : stored.variant();
    }
    List<String> marks = state.marks();
    for (String mark : marks.reversed()) {
      Set<String> made = makersOf(mark);
      if (!made.isEmpty()) {
        return made.contains(preferred) ? preferred : made.iterator().next();
      }
    }
    return null;
  }

  /**
   * Whether all of it is this variant's own, so that the request reaches it as the client meant.
   */
  public boolean isAllOf(Variant variant) {
    return keepsPrevious(variant)
        && state.marks().stream().allMatch(mark -> makersOf(mark).contains(variant.name()));
  }

  private Set<String> makersOf(String mark) {
    if (mark.equals(RequestState.UNMARKED)) {
      return rollout.command().getState() == RolloutState.RETIRED
          ? Set.of()
          : Set.of(rollout.control().name());
    }
    return makers.getOrDefault(mark, NOBODY).variants();
  }

  /**
   * Whether the request still says what was said before once foreign state is taken out: nothing of
   * it is only stored at a server.
   */
  public boolean isMovable() {
    return previous == null && !state.references();
  }

  /** Whether a variant finds the earlier response where the request says. */
  public boolean keepsPrevious(Variant variant) {
    if (previous == null) {
      return true;
    }
    if (stored == null) {
      return variant.control();
    }
    Variant holder = rollout.variants().get(stored.variant());
    return stored.variant().equals(variant.name())
        || (holder != null && variant.sharesServerWith(holder));
  }

  /** The request as this variant may get it: no state that another made. */
  public CompletionRequest requestFor(CompletionRequest request, Variant variant) {
    boolean keeps = keepsPrevious(variant);
    return state.isEmpty() && keeps
        ? request
        : state.keeping(mark -> makersOf(mark).contains(variant.name()), keeps);
  }

  /** The origin of the only server of this variant that can answer; null if any can. */
  public @Nullable String holder(Variant variant) {
    if (stored != null && stored.variant().equals(variant.name())) {
      return stored.origin();
    }
    if (!state.references()) {
      return null;
    }
    for (String mark : state.marks().reversed()) {
      Maker maker = makers.getOrDefault(mark, NOBODY);
      if (maker.server() != null && maker.variants().contains(variant.name())) {
        return maker.server().origin();
      }
    }
    return null;
  }
}
