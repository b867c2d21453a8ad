package io.serin.router.rollout;

import io.serin.schemas.Command;
import io.serin.schemas.RefusedPart;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** What a router logs about its rollouts. */
final class RolloutLog {

  private static final Logger LOG = LoggerFactory.getLogger(RolloutTables.class);

  private RolloutLog() {}

  static void adopted(Command command, List<RefusedPart> refused) {
    event(LOG.atInfo(), "command-adopted", command.getRollout())
        .addKeyValue("revision", command.getRevision())
        .addKeyValue("stage", command.getStageName())
        .addKeyValue("split", command.getSplit())
        .addKeyValue("cause", command.getCause())
        .log("command adopted");
    for (RefusedPart part : refused) {
      event(LOG.atError(), "command-part-refused", part.getRollout())
          .addKeyValue("revision", part.getRevision())
          .addKeyValue("variant", part.getVariant())
          .addKeyValue("reason", part.getReason())
          .log("a part of a command cannot be served; control serves in its place");
    }
  }

  static void unservable(Command command) {
    event(LOG.atError(), "command-unservable", command.getRollout())
        .addKeyValue("revision", command.getRevision())
        .log("no variant of the command can serve as control; requests of the rollout are refused");
  }

  static void failed(Command command, RuntimeException why) {
    event(LOG.atError(), "command-failed", command.getRollout())
        .setCause(why)
        .addKeyValue("revision", command.getRevision())
        .log("a command could not be read; the last good control serves alone");
  }

  static void tripCleared(String rollout, String variant) {
    event(LOG.atInfo(), "trip-cleared", rollout)
        .addKeyValue("variant", variant)
        .log("trip cleared");
  }

  static void tripped(String rollout, String variant) {
    event(LOG.atWarn(), "variant-tripped", rollout)
        .addKeyValue("variant", variant)
        .log("variant tripped on this router");
  }

  static void forced(String rollout, boolean on) {
    event(LOG.atWarn(), "rollout-forced", rollout)
        .addKeyValue("forced", on)
        .log(
            on
                ? "rollout forced to control on this router"
                : "rollout no longer forced to control on this router");
  }

  static void lapses(Table before, Table now) {
    for (String rollout : now.lapsed()) {
      if (!before.lapsed(rollout)) {
        event(LOG.atWarn(), "lease-ended", rollout)
            .log("no command within the lease: control serves until the controller renews it");
      }
    }
    for (String rollout : before.lapsed()) {
      if (!now.lapsed(rollout)) {
        event(LOG.atInfo(), "lease-renewed", rollout)
            .log("the controller renewed the lease: the split is served again");
      }
    }
  }

  private static LoggingEventBuilder event(LoggingEventBuilder log, String event, String rollout) {
    return log.addKeyValue("event", event).addKeyValue("rollout", rollout);
  }
}
