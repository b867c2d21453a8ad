package io.serin.router.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.CompletionRequest;
import io.serin.router.attempt.Backends;
import io.serin.router.attempt.Upstreams;
import io.serin.router.capture.CaptureSample;
import io.serin.router.http.Cors;
import io.serin.router.http.Headers;
import io.serin.router.http.Tenants;
import io.serin.router.memory.Hold;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Variant;
import io.serin.router.trip.SecondOpinions;
import io.serin.router.trip.UnitLimits;
import io.serin.schemas.Excluded;
import io.serin.schemas.Why;
import io.serin.schemas.http.KeyFile;
import io.vertx.core.http.HttpServerRequest;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Begins the exchanges of one event loop. Confined to it. */
public final class Exchanges {

  private final DataPlane plane;
  private final Requests requests;
  private final Backends backends;
  private final Chooser chooser;
  private final Calls calls;
  private final EvidenceWriter evidence;
  private final UnitLimits units;
  private final SecondOpinions opinions = new SecondOpinions();
  private final CaptureSample sample;
  private final ClientAnswer.Style style;

  /** The exchanges of the event loop that the parts belong to. */
  public Exchanges(
      DataPlane plane,
      Requests requests,
      Upstreams upstreams,
      Backends backends,
      UnitLimits units,
      RandomGenerator random) {
    this.units = units;
    this.plane = plane;
    this.requests = requests;
    this.backends = backends;
    this.chooser =
        new Chooser(
            requests, backends, plane.ids(), random, plane.clock(), plane.tables().conversations());
    this.sample = new CaptureSample(plane.settings().maxCapturedBytes());
    this.calls = new Calls(upstreams, backends, plane.ids(), random, sample);
    this.evidence = new EvidenceWriter(new Records(plane.router(), plane.clock()), plane);
    this.style =
        new ClientAnswer.Style(
            new Cors(plane.settings().api().corsOrigins()),
            plane.settings().api().gzipFromBytes(),
            plane.settings().revealVariant(),
            plane.clock()::nanoTime);
  }

  /**
   * Assigns a request and calls the variant.
   *
   * @param memory what its body holds; given back once it is answered
   * @param startedNanos when it was read, on the monotonic clock
   * @throws RuntimeException if it cannot be assigned; nothing is held then
   */
  public void start(
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      Hold memory,
      long startedNanos) {
    HttpHeaders passing = Headers.ofClient(http.headers());
    RequestFacts.Client client = client(http);
    Choice choice = chooser.choose(rollout, request, http.headers(), client);
    Exchange exchange;
    try {
      RequestFacts facts = facts(http, request, rollout, choice, client, memory, startedNanos);
      AskedRequest asked = new AskedRequest(request, rollout, choice, facts, passing, memory);
      ClientAnswer answer = new ClientAnswer(http, style, request.endpoint(), memory, startedNanos);
      Turn first = calls.first(asked);
      RequestEvidence left =
          new RequestEvidence(asked, first.facts(), evidence, plane.tables(), opinions);
      exchange = new Exchange(asked, first, answer, calls, left, requests);
    } catch (RuntimeException e) {
      backends.of(rollout.name(), choice.first()).leave();
      throw e;
    }
    exchange.start();
  }

  /** A body for a variant. */
  @SuppressWarnings("ArrayRecordComponent") // Made for every call, never compared.
  public record Sent(Variant variant, byte[] body) {}

  /**
   * What a request that is no evidence is sent as, and to the variant that would serve it; nothing
   * is held.
   *
   * @throws RuntimeException if it cannot be assigned
   */
  public Sent sent(HttpServerRequest http, CompletionRequest request, Rollout rollout) {
    Choice choice = chooser.wouldChoose(rollout, request, http.headers(), client(http));
    Variant variant = choice.first();
    return new Sent(
        variant,
        choice
            .continuation()
            .requestFor(request, variant)
            .forVariant(variant.model(), variant.body().extra(), false));
  }

  private RequestFacts.Client client(HttpServerRequest http) {
    KeyFile<String> keys = plane.access().clients();
    return RequestFacts.Client.of(
        http,
        Tenants.owner(keys, http.headers()),
        keys == null ? null : http.getHeader(Headers.TENANT));
  }

  private RequestFacts facts(
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      Choice choice,
      RequestFacts.Client client,
      Hold memory,
      long startedNanos) {
    return new RequestFacts(
        RequestFacts.path(http, request),
        choice.unit(),
        choice.why() != Why.NO_UNIT
            && choice.why() != Why.OVERRIDE
            && choice.continuation().isEmpty()
            && sample.has(rollout, choice.unit())
            // What is captured is a copy of the answer's text. Without room for it, none is taken.
            && memory.take(sample.maxBytes(rollout)),
        client,
        excluded(rollout, choice, client),
        plane.clock().epochMillis(),
        startedNanos);
  }

  private @Nullable Excluded excluded(Rollout rollout, Choice choice, RequestFacts.Client client) {
    if (choice.conversation().isElsewhere()) {
      return Excluded.CONVERSATION;
    }
    return choice.why() == Why.NO_UNIT
            || units.counts(client.sender(), rollout.name(), choice.unit())
        ? null
        : Excluded.MANY_UNITS;
  }
}
