package io.serin.router.rollout;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a router look at its leases, five times a second, until it is closed. */
public final class LeaseTimer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaseTimer.class);
  private static final long PERIOD_MILLIS = 200;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("serin-leases").daemon().factory());
  private final RolloutTables tables;

  public LeaseTimer(RolloutTables tables) {
    this.tables = tables;
  }

  public void start() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void look() {
    try {
      tables.checkLeases();
    } catch (RuntimeException e) {
      // An exception would end the timer for good.
      LOG.atError().setCause(e).addKeyValue("event", "leases-failed").log("leases not checked");
    }
  }
}
