package io.serin.router;

import io.serin.schemas.Command;
import java.util.concurrent.CompletionStage;

/** What follows commands: the data plane's table of rollouts. */
@FunctionalInterface
public interface CommandTarget {

  /**
   * Adopts a command unless a higher or equal revision of its rollout was adopted before.
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
}
