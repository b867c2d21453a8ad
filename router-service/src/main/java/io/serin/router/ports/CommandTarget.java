package io.serin.router.ports;

import io.serin.schemas.Command;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What follows commands: the data plane's table of rollouts. */
@FunctionalInterface
public interface CommandTarget {

  /**
   * Adopts a command, in part where a part of it cannot be served, unless a higher or equal
   * revision of its rollout was adopted before.
   *
   * @return completes when every event loop serves the revision, which is when it may be
   *     acknowledged
   */
  CompletionStage<Void> adopt(Command command);

  /**
   * Told of each command that was read at the log's end and is not older than what was adopted, a
   * repeated one included, before it is adopted: the controller lives.
   */
  default void renewed(Command command) {}

  /**
   * Earlier commands whose control still serves, since that of a newer one cannot be served. Who
   * stores commands stores these before the newer ones, and has them adopted first after a restart.
   */
  default List<Command> standIns() {
    return List.of();
  }
}
