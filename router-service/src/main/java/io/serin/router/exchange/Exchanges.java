package io.serin.router.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.CompletionRequest;
import io.serin.router.attempt.Backends;
import io.serin.router.attempt.Upstreams;
import io.serin.router.http.Cors;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Rollout;
import io.serin.router.trip.SecondOpinions;
import io.serin.schemas.Excluded;
import io.serin.schemas.Why;
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
  private final SecondOpinions opinions = new SecondOpinions();
  private final CaptureSample sample;
  private final ClientAnswer.Style style;

  /** The exchanges of the event loop that the parts belong to. */
  public Exchanges(
      DataPlane plane,
      Requests requests,
      Upstreams upstreams,
      Backends backends,
      RandomGenerator random) {
    this.plane = plane;
    this.requests = requests;
    this.backends = backends;
    this.chooser = new Chooser(requests, backends, plane.ids(), random, plane.clock(), plane.tables().conversations());
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
   * @param startedNanos when it was read, on the monotonic clock
   * @throws RuntimeException if it cannot be assigned; nothing is held then
   */
  public void start(
      HttpServerRequest http, CompletionRequest request, Rollout rollout, long startedNanos) {
    HttpHeaders passing = Headers.ofClient(http.headers());
    Choice choice = chooser.choose(rollout, request, http.headers(), tenant(http));
    Exchange exchange;
    try {
      RequestFacts facts = facts(http, request, rollout, choice, startedNanos);
      AskedRequest asked = new AskedRequest(request, rollout, choice, facts, passing);
      ClientAnswer client = new ClientAnswer(http, style, request.endpoint(), startedNanos);
      Turn first = calls.first(asked);
      RequestEvidence left =
          new RequestEvidence(asked, first.facts(), evidence, plane.tables(), opinions);
      exchange = new Exchange(asked, first, client, calls, left, requests);
    } catch (RuntimeException e) {
      backends.of(rollout.name(), choice.first()).leave();
      throw e;
    }
    exchange.start();
  }

  private @Nullable String tenant(HttpServerRequest http) {
    return plane.access().clients() == null ? null : http.getHeader(Headers.TENANT);
  }

  private RequestFacts facts(
      HttpServerRequest http,
      CompletionRequest request,
      Rollout rollout,
      Choice choice,
      long startedNanos) {
    return new RequestFacts(
        RequestFacts.path(http, request),
        choice.unit(),
        choice.why() != Why.NO_UNIT
            && choice.why() != Why.OVERRIDE
            && choice.continuation().isEmpty()
            && sample.has(rollout, choice.unit()),
        RequestFacts.Client.of(http, tenant(http)),
        choice.conversation().isElsewhere() ? Excluded.CONVERSATION : null,
        plane.clock().epochMillis(),
        startedNanos);
  }
}
