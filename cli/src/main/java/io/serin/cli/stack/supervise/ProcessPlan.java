package io.serin.cli.stack.supervise;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How one process is run.
 *
 * @param name unique in the stack
 * @param command given what it said when it first answered (empty at the first start), so that it
 *     keeps the ports that the system chose
 * @param environment added to this process's own
 * @param log file that its output is written to
 * @param ready finds in a line of output what the process says of itself once it answers
 */
public record ProcessPlan(
    String name,
    Function<Map<String, String>, List<String>> command,
    Map<String, String> environment,
    Path log,
    Function<String, Optional<Map<String, String>>> ready) {

  /** Copies the environment. */
  public ProcessPlan {
    environment = Map.copyOf(environment);
  }
}
