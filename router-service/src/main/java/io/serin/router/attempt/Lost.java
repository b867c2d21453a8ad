package io.serin.router.attempt;

import io.serin.schemas.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the loss of an answer means. */
final class Lost {

  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private Lost() {}

  /** Whether the connection can be used again: its answer was complete. */
  static boolean leavesConnection(Outcome outcome) {
    return switch (outcome) {
      case OK, EMPTY, MALFORMED, HTTP_ERROR -> true;
      case CANCELLED, TIMEOUT, CUT, CONNECT_ERROR, REJECTED, ROUTER_DIED, UNKNOWN -> false;
    };
  }

  /** An exception of the router itself ended an attempt. */
  static void log(RuntimeException failure, Route route, Phase phase) {
    LOG.atError()
        .setCause(failure)
        .addKeyValue("rollout", route.rollout())
        .addKeyValue("variant", route.variant())
        .addKeyValue("phase", phase.getClass().getSimpleName())
        .addKeyValue("event", "attempt-failed-inside")
        .log("an attempt failed inside the router");
  }
}
