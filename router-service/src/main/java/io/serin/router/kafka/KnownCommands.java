package io.serin.router.kafka;

import io.serin.router.ports.CommandTarget;
import io.serin.schemas.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest command of each rollout: handed to the {@link CommandTarget}, kept on disk, and named
 * in acknowledgements once every event loop serves it. The highest revision wins, in whatever order
 * commands arrive.
 *
 * <p>All methods but {@link #adopted()} belong to one thread.
 */
final class KnownCommands {

  private static final Logger LOG = LoggerFactory.getLogger(KnownCommands.class);

  private final CommandStore store;
  private final CommandTarget target;
  private final Runnable onAdopted;
  private final Map<String, Command> newest = new HashMap<>();
  private final Map<String, Long> adopted = new ConcurrentHashMap<>();

  /**
   * @param file where the commands are kept
   * @param onAdopted runs after each completed adoption, on the thread that completed it; must not
   *     block
   */
  KnownCommands(Path file, CommandTarget target, Runnable onAdopted) {
    this.store = new CommandStore(file);
    this.target = target;
    this.onAdopted = onAdopted;
  }

  /** The highest revision of each rollout that every event loop serves; a snapshot. Any thread. */
  Map<String, Long> adopted() {
    return Map.copyOf(adopted);
  }

  /** How many rollouts are known. */
  int size() {
    return newest.size();
  }

  /** Commands were read at the log's end: each renews its lease. */
  void read(Collection<Command> commands) {
    boolean changed = false;
    for (Command command : commands) {
      Command known = newest.get(command.getRollout());
      if (known == null || known.getRevision() <= command.getRevision()) {
        target.renewed(command);
      }
      if (known == null || known.getRevision() < command.getRevision()) {
        adopt(command);
        changed = true;
      }
    }
    if (changed) {
      save();
    }
  }

  /**
   * The whole log was read. What the disk knows and the log does not is adopted first: an earlier
   * command whose control still serves, and a newer one than a log that was cut back holds. Neither
   * has a lease: only a record of the log renews one.
   */
  void readWhole(Map<String, Command> logged) {
    List<Command> stored = stored().orElse(List.of());
    Map<String, Command> lastStored = new LinkedHashMap<>();
    stored.forEach(command -> lastStored.put(command.getRollout(), command));
    for (Command command : stored) {
      Command now = logged.get(command.getRollout());
      if (now == null || newest.containsKey(command.getRollout())) {
        continue;
      }
      if (lastStored.get(command.getRollout()) != command) {
        hand(command);
      } else if (now.getRevision() < command.getRevision()) {
        LOG.atError()
            .addKeyValue("event", "commands-cut-back")
            .addKeyValue("rollout", command.getRollout())
            .addKeyValue("logged", now.getRevision())
            .addKeyValue("obeyed", command.getRevision())
            .log("the log of commands ends before what this router obeyed; it obeys the newer one");
        adopt(command);
      }
    }
    read(logged.values());
  }

  /**
   * Adopts what is stored.
   *
   * @return false where nothing is
   */
  boolean readStored() {
    Optional<List<Command>> commands = stored();
    commands.ifPresent(all -> all.forEach(this::adopt));
    return commands.isPresent();
  }

  private Optional<List<Command>> stored() {
    try {
      return store.load();
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "commands-unreadable")
          .addKeyValue("error", e.toString())
          .log("the commands on disk cannot be read");
      return Optional.empty();
    }
  }

  private void adopt(Command command) {
    newest.put(command.getRollout(), command);
    hand(command);
  }

  private void hand(Command command) {
    try {
      var unused =
          target
              .adopt(command)
              .whenComplete(
                  (_, failure) -> {
                    if (failure == null) {
                      adopted.merge(command.getRollout(), command.getRevision(), Math::max);
                      onAdopted.run();
                    } else {
                      failed(command, failure);
                    }
                  });
    } catch (RuntimeException e) {
      failed(command, e);
    }
  }

  private static void failed(Command command, Throwable why) {
    LOG.atError()
        .addKeyValue("event", "command-refused")
        .addKeyValue("rollout", command.getRollout())
        .addKeyValue("revision", command.getRevision())
        .addKeyValue("error", why.toString())
        .log("a command could not be adopted; the one before is served");
  }

  private void save() {
    List<Command> kept = new ArrayList<>(target.standIns());
    kept.addAll(newest.values());
    try {
      store.save(kept);
    } catch (IOException | RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("event", "commands-not-stored")
          .addKeyValue("error", e.toString())
          .log("a restart without Kafka would serve by older commands");
    }
  }
}
