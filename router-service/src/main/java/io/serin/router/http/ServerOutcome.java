package io.serin.router.http;

import io.serin.router.balance.Breaker;
import io.serin.schemas.Outcome;

/** What the outcome of a call says about the server that was asked, whatever was asked of it. */
final class ServerOutcome {

  private ServerOutcome() {}

  /**
   * Reports a call's outcome to the server's circuit breaker. A 5xx is a failure; another error
   * status shows that the server lives; a 429 shows neither.
   *
   * @param status of the answer; 0 where none came
   * @return whether the breaker opened or closed
   */
  static boolean report(Breaker breaker, Outcome outcome, int status, long nowNanos) {
    boolean changed =
        switch (outcome) {
          case OK, EMPTY, MALFORMED -> breaker.succeeded();
          case HTTP_ERROR ->
              status >= 500
                  ? breaker.failed(nowNanos)
                  : status != 429 && breaker.succeeded();
          case CONNECT_ERROR, TIMEOUT, CUT -> breaker.failed(nowNanos);
          case CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> false;
        };
    breaker.abandoned(nowNanos);
    return changed;
  }
}
