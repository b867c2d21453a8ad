package io.serin.modelcalls;

import io.serin.schemas.Outcome;
import java.util.concurrent.atomic.AtomicInteger;

/** One server of a variant: what is known of its health, and what it has to do. Thread-safe. */
public final class Server {

  private static final int CHECKS = 2;

  private final Address address;
  private final long seed;
  private final Breaker breaker = new Breaker();
  private final AtomicInteger inFlight = new AtomicInteger();
  private int failedChecks;

  Server(Address address) {
    this.address = address;
    // Its own text, not Java's hash of it alone: every router must give it the same place.
    long hash = 0xcbf29ce484222325L;
    String text = address.origin() + address.basePath();
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    this.seed = hash;
  }

  /** Where it is. */
  public Address address() {
    return address;
  }

  /** Its circuit breaker, which calls feed. */
  public Breaker breaker() {
    return breaker;
  }

  /** Calls under way. */
  public int inFlight() {
    return inFlight.get();
  }

  /** A call begins. */
  public void began(long nowNanos) {
    inFlight.incrementAndGet();
    breaker.began(nowNanos);
  }

  /** A call is over, and nothing is known of how it went. */
  public void ended() {
    inFlight.decrementAndGet();
  }

  /**
   * A call is over. A server that refuses is alive; one that limits (429) is neither well nor ill.
   *
   * @param status HTTP status; 0 if none came
   * @return whether this opened or closed its breaker
   */
  public boolean ended(Outcome outcome, int status, long nowNanos) {
    ended();
    boolean changed =
        switch (outcome) {
          case OK, EMPTY, MALFORMED -> breaker.succeeded();
          case HTTP_ERROR -> {
            if (status >= 500) {
              yield breaker.failed(nowNanos);
            }
            yield status != 429 && breaker.succeeded();
          }
          case CONNECT_ERROR, TIMEOUT, CUT -> breaker.failed(nowNanos);
          case CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> false;
        };
    breaker.abandoned(nowNanos);
    return changed;
  }

  /**
   * It was asked how it is.
   *
   * @return whether this changed what is thought of it
   */
  public synchronized boolean checked(boolean well) {
    boolean before = failedChecks < CHECKS;
    failedChecks = well ? 0 : Math.min(CHECKS, failedChecks + 1);
    return before != failedChecks < CHECKS;
  }

  /** Whether its last checks allow calls. */
  public synchronized boolean well() {
    return failedChecks < CHECKS;
  }

  /** Whether checks and breaker allow a call now. */
  public boolean available(long nowNanos) {
    return well() && breaker.permits(nowNanos);
  }

  /** Its claim on a key, by which all routers rank it alike: rendezvous hashing. */
  long claim(long key) {
    long x = key ^ seed;
    x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
    x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return x ^ (x >>> 33);
  }
}
