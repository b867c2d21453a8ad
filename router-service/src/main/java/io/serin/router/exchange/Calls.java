package io.serin.router.exchange;

import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.openai.BodyPatch;
import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.openai.ResponseIdFilter;
import io.serin.openai.UsageChunkFilter;
import io.serin.openai.state.AnswerState;
import io.serin.router.attempt.Attempt;
import io.serin.router.attempt.AttemptListener;
import io.serin.router.attempt.Backends;
import io.serin.router.attempt.Call;
import io.serin.router.attempt.CallDeadlines;
import io.serin.router.attempt.Route;
import io.serin.router.attempt.Upstreams;
import io.serin.router.capture.CaptureSample;
import io.serin.router.conversation.Continuation;
import io.serin.router.feedback.RequestId;
import io.serin.router.feedback.RequestIds;
import io.serin.router.feedback.ResponseId;
import io.serin.router.rollout.Variant;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Why;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * Makes the calls of variants that a request needs: what is sent, to which servers, and how long to
 * wait.
 */
final class Calls {

  /** How much of an answer's text is kept unless it is captured: refusals show at the beginning. */
  private static final int JUDGED_TEXT_CHARS = 4_096;

  private static final String CACHE_KEY = "prompt_cache_key";

  private final Upstreams upstreams;
  private final Backends backends;
  private final RequestIds ids;
  private final RandomGenerator random;
  private final CaptureSample sample;

  Calls(
      Upstreams upstreams,
      Backends backends,
      RequestIds ids,
      RandomGenerator random,
      CaptureSample sample) {
    this.upstreams = upstreams;
    this.backends = backends;
    this.ids = ids;
    this.random = random;
    this.sample = sample;
  }

  /** The first turn of a request, whose permit its choice has taken. */
  Turn first(AskedRequest asked) {
    Choice choice = asked.choice();
    RequestId id =
        new RequestId(
            random.nextLong(),
            asked.rollout().name(),
            asked.rollout().command().getRun(),
            asked.rollout().command().getStage(),
            asked.facts().unit(),
            choice.assigned().name(),
            choice.first().name(),
            choice.why().name());
    return new Turn(
        new AttemptFacts(
            id, ids.write(id), choice.first(), choice.why(), 1, sinceItWasRead(asked), null),
        pool(asked, choice.first()));
  }

  /**
   * Control's turn after another variant's. It takes a permit beyond the limit if it must: the
   * client has nowhere else to go, and a limit would only turn one failure into two.
   */
  Turn fallback(AskedRequest asked, AttemptFacts failed) {
    Variant control = asked.rollout().control();
    RequestId id = failed.id().servedBy(control.name(), Why.FALLBACK.name());
    AttemptFacts facts =
        new AttemptFacts(
            id,
            ids.write(id),
            control,
            Why.FALLBACK,
            failed.number() + 1,
            sinceItWasRead(asked),
            null);
    Pool pool = pool(asked, control);
    pool.enterAnyway();
    return new Turn(facts, pool);
  }

  /** Watches how long a request's first attempt runs; it is not started. */
  ProgressWatch progress(AskedRequest asked, LongConsumer passed) {
    return new ProgressWatch(upstreams.deadlines(), asked.facts().startedNanos(), passed);
  }

  /**
   * Makes a turn's call; it is not started.
   *
   * @throws RuntimeException if the request cannot be written for this variant
   */
  Attempt prepare(AskedRequest asked, Turn turn, AttemptListener listener) {
    Variant variant = turn.variant();
    Pool pool = pool(asked, variant);
    Call call =
        new Call(
            asked.facts().path(),
            asked.endpoint(),
            asked.passing(),
            asked
                .choice()
                .continuation()
                .requestFor(asked.request(), variant)
                .forVariant(
                    variant.model(), extraBody(asked, variant), variant.body().streamUsage()),
            filter(asked, turn),
            asked.request().stream(),
            asked.facts().captured()
                ? Math.max(sample.maxBytes(asked.rollout()), JUDGED_TEXT_CHARS)
                : JUDGED_TEXT_CHARS,
            deadlines(asked, variant));
    Route route =
        new Route(
            asked.rollout().name(),
            variant.name(),
            pool,
            pool.servers().size() > 1 ? asked.request().affinity() : 0,
            asked.choice().continuation().holder(variant));
    Attempt attempt = new Attempt(upstreams, variant, route, call, asked.memory(), listener);
    turn.calls(attempt);
    return attempt;
  }

  private Pool pool(AskedRequest asked, Variant variant) {
    return backends.of(asked.rollout().name(), variant);
  }

  private long sinceItWasRead(AskedRequest asked) {
    return upstreams.nanoTime().getAsLong() - asked.facts().startedNanos();
  }

  /** A candidate leaves control at least half of the client's time, if control can stand in. */
  private CallDeadlines deadlines(AskedRequest asked, Variant variant) {
    Deadlines of = asked.rollout().command().getDeadlines();
    long used = TimeUnit.NANOSECONDS.toMillis(sinceItWasRead(asked));
    Long share = variant.control() ? null : asked.shareMillis();
    long firstByte = share == null ? of.getFirstByte() : share;
    long total = Math.max(1, of.getTotal() - used);
    return new CallDeadlines(of.getConnect(), firstByte, of.getIdle(), total);
  }

  /** What is merged into the body, on its way to this variant. */
  private static BodyPatch extraBody(AskedRequest asked, Variant variant) {
    BodyPatch patch = asked.choice().patch(variant).then(variant.body().extra());
    boolean keyed =
        switch (asked.endpoint()) {
          case CHAT_COMPLETIONS, RESPONSES -> variant.body().cacheKey();
          case COMPLETIONS, EMBEDDINGS, MESSAGES -> false;
        };
    if (!keyed) {
      return patch;
    }
    String own = asked.request().field(CACHE_KEY);
    String key = own == null ? asked.facts().unit() : own;
    return patch.then(BodyPatch.set(CACHE_KEY, variant.name() + ":" + key));
  }

  /**
   * What the client sees of a stream: no usage that it did not ask for, ids that come back here,
   * and a mark on the state that only this variant can read.
   */
  private EventFilter filter(AskedRequest asked, Turn turn) {
    EventFilter filter = UsageChunkFilter.of(asked.request());
    if (asked.endpoint() == Endpoint.RESPONSES) {
      ResponseIdFilter rewriting =
          new ResponseIdFilter(id -> sealed(asked, turn, id), Choice.previous(asked.request()));
      turn.rewrites(rewriting);
      filter = rewriting;
    }
    long nonce = random.nextLong();
    AnswerState marking = new AnswerState(asked.endpoint(), () -> mark(asked, turn, nonce), filter);
    turn.marks(marking);
    return marking;
  }

  private String mark(AskedRequest asked, Turn turn, long nonce) {
    Attempt current = turn.attempt();
    Server server = current == null ? null : current.server();
    return Continuation.mark(
        ids.marks(),
        asked.facts().client().markTenant(),
        turn.variant(),
        server == null ? turn.variant().addresses().getFirst() : server.address(),
        nonce);
  }

  private String sealed(AskedRequest asked, Turn turn, String id) {
    Attempt current = turn.attempt();
    Server server = current == null ? null : current.server();
    String origin = server == null ? "" : server.address().origin();
    return ids.responses()
        .write(
            new ResponseId(asked.rollout().name(), turn.variant().name(), origin, id),
            asked.facts().client().owner());
  }
}
