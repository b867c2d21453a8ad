package io.serin.worker.commands;

import io.serin.schemas.Command;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The newest command of each rollout: the highest revision wins. Thread-safe. */
public final class CommandTable {
  private final Map<String, Command> commands = new HashMap<>();

  /** Takes a command in unless a higher or equal revision of its rollout is known. */
  public synchronized void offer(Command command) {
    Command known = commands.get(command.getRollout());
    if (known == null || known.getRevision() < command.getRevision()) {
      commands.put(command.getRollout(), command);
      notifyAll();
    }
  }

  public synchronized @Nullable Command get(String rollout) {
    return commands.get(rollout);
  }

  /** The newest commands of all rollouts. */
  public synchronized List<Command> all() {
    return List.copyOf(commands.values());
  }

  /**
   * The command of a rollout, once its revision is at least the one given: a router may be ahead of
   * this worker for a moment.
   *
   * @param patience how long to wait; then whatever is known is returned
   */
  public synchronized @Nullable Command await(String rollout, long revision, Duration patience)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Command known = commands.get(rollout);
      long left = end - System.nanoTime();
      if ((known != null && known.getRevision() >= revision) || left <= 0) {
        return known;
      }
      wait(Math.max(1, left / 1_000_000));
    }
  }
}
