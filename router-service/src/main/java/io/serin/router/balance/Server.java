package io.serin.router.balance;

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

  /** A call is over. */
  public void ended() {
    inFlight.decrementAndGet();
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
