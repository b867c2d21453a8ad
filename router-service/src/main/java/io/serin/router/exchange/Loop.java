package io.serin.router.exchange;

import io.serin.rollout.assignment.Slots;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.access.Access;
import io.serin.router.feedback.RequestIds;
import io.serin.router.http.Cors;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.Evidence;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.Variant;
import io.serin.router.upstream.ConnectionPool;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.ShadowPlan;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What the exchanges of one event loop share: its table of rollouts, its connections, its requests
 * under way. Confined to the loop.
 */
public final class Loop {

  private final Vertx vertx;
  private final DataPlane plane;
  private final Backends backends;
  private final Cors cors;
  private final HttpClient client;
  private final ConnectionPool connections;
  private final DeadlineWatch deadlines;
  private final RandomGenerator random;
  private final Records records;
  private final Set<Exchange> underWay = new LinkedHashSet<>();
  private Table table;

  public Loop(
      Vertx vertx,
      DataPlane plane,
      Backends backends,
      HttpClient client,
      ConnectionPool connections,
      RandomGenerator random) {
    this.vertx = vertx;
    this.plane = plane;
    this.backends = backends;
    this.cors = new Cors(plane.settings().api().corsOrigins());
    this.client = client;
    this.connections = connections;
    this.deadlines = new DeadlineWatch(vertx, plane.clock()::nanoTime);
    this.random = random;
    this.records = new Records(plane.router(), plane.clock()::epochMillis, plane.clock()::nanoTime);
    this.table = plane.tables().current();
  }

  /** Serves a newer table from now on. */
  public void adopt(Table newer) {
    if (newer.version() <= table.version()) {
      return;
    }
    table = newer;
    for (Exchange exchange : List.copyOf(underWay)) {
      exchange.tableChanged(newer);
    }
  }

  public void add(Exchange exchange) {
    underWay.add(exchange);
    plane.metrics().requestBegan();
  }

  public void remove(Exchange exchange) {
    if (underWay.remove(exchange)) {
      plane.metrics().requestEnded();
    }
  }

  /** Whether the request belongs to the captured sample. */
  public boolean captures(Rollout rollout, String unit) {
    ShadowPlan shadow = rollout.command().getShadow();
    return shadow != null
        && Slots.sampled(rollout.command().getSalt(), unit, shadow.getSampleBasisPoints());
  }

  /** The largest body or answer that is captured: the plan's bound within the router's. */
  public int capturedBytes(Rollout rollout) {
    ShadowPlan shadow = rollout.command().getShadow();
    int wanted = shadow == null ? 0 : shadow.getMaxCapturedBytes();
    return wanted <= 0
        ? settings().maxCapturedBytes()
        : Math.min(wanted, settings().maxCapturedBytes());
  }

  /** Hands over request and answer, where they belong to the sample. */
  public void capture(Exchange exchange, Variant variant, AttemptEnd end) {
    if (exchange.facts().captured()) {
      plane
          .capture()
          .submit(
              records.payload(exchange, variant, end, capturedBytes(exchange.rollout())),
              exchange.rollout().command());
    }
  }

  /** An attempt is over: counts it, and logs it where asked to. */
  public void told(RequestEvent event, Variant variant) {
    plane.metrics().attempt(event, variant.model());
    if (settings().api().logRequests()) {
      RequestLog.write(event);
    }
  }

  public String randomUnit() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return UnitHasher.encode(bytes);
  }

  public Table table() {
    return table;
  }

  public Backends backends() {
    return backends;
  }

  /** Who may use the ports. */
  public Access access() {
    return plane.access();
  }

  public Cors cors() {
    return cors;
  }

  public Vertx vertx() {
    return vertx;
  }

  /** Calls what is passed through. */
  public HttpClient client() {
    return client;
  }

  /** Calls variants. */
  public ConnectionPool connections() {
    return connections;
  }

  public DeadlineWatch deadlines() {
    return deadlines;
  }

  public RandomGenerator random() {
    return random;
  }

  public Records records() {
    return records;
  }

  public RequestIds ids() {
    return plane.ids();
  }

  public Evidence evidence() {
    return plane.evidence();
  }

  public RolloutTables tables() {
    return plane.tables();
  }

  public ProxySettings settings() {
    return plane.settings();
  }

  public RouterMetrics metrics() {
    return plane.metrics();
  }

  public long nanoTime() {
    return plane.clock().nanoTime();
  }

  public long epochMillis() {
    return plane.clock().epochMillis();
  }
}
