package io.serin.router.attempt;

import io.serin.router.memory.MemoryBudget;
import io.serin.router.upstream.ConnectionPool;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one event loop calls model servers. Confined to the loop.
 *
 * @param connections its connections
 * @param deadlines watches its calls
 * @param nanoTime the monotonic clock
 * @param maxAnswerBytes largest answer that is held as a whole
 * @param maxHeldBytes how much of a stream is held while it has no content
 * @param memory what all requests of the router may hold
 */
public record Upstreams(
    ConnectionPool connections,
    DeadlineWatch deadlines,
    LongSupplier nanoTime,
    int maxAnswerBytes,
    int maxHeldBytes,
    MemoryBudget memory) {

  private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);

  /** The time; an earlier one if the clock fails, because a call must always end. */
  long nanoTimeOr(long earlierNanos) {
    try {
      return nanoTime.getAsLong();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("event", "clock-failed").log("the clock failed");
      return earlierNanos;
    }
  }
}
