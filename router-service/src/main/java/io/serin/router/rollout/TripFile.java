package io.serin.router.rollout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trips in a small text file: one line each, {@code trip TAB rollout TAB variant TAB run}, {@code
 * forced TAB rollout} or {@code lease TAB rollout TAB command}. Each write replaces the file whole,
 * on a thread of its own, in the order of the calls. Thread-safe.
 */
public final class TripFile implements TripStore, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TripFile.class);

  private final Path file;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("serin-trips").daemon().factory());

  /** Uses a file that need not exist; its folder must. */
  public TripFile(Path file) {
    this.file = file;
  }

  @Override
  public Removals read() {
    if (!Files.exists(file)) {
      return Removals.NONE;
    }
    Set<Table.Trip> trips = new HashSet<>();
    Set<String> forced = new HashSet<>();
    Map<String, String> ranOut = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] fields = line.split("\t", -1);
        if (fields.length == 4 && fields[0].equals("trip")) {
          trips.add(new Table.Trip(fields[1], fields[2], fields[3]));
        } else if (fields.length == 2 && fields[0].equals("forced")) {
          forced.add(fields[1]);
        } else if (fields.length == 3 && fields[0].equals("lease")) {
          ranOut.put(fields[1], fields[2]);
        }
      }
    } catch (IOException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("file", file)
          .addKeyValue("event", "trips-unreadable")
          .log("trips cannot be read, none is remembered");
    }
    return new Removals(trips, forced, ranOut);
  }

  @Override
  public void write(Removals removals) {
    writer.execute(() -> replace(removals));
  }

  /** Waits up to five seconds for what was handed over. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.atWarn()
            .addKeyValue("file", file)
            .addKeyValue("event", "trips-late")
            .log("trips were not written in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void replace(Removals removals) {
    List<String> lines = new ArrayList<>();
    removals.trips().stream()
        .sorted()
        .forEach(
            trip ->
                lines.add(String.join("\t", "trip", trip.rollout(), trip.variant(), trip.run())));
    removals.forced().stream().sorted().forEach(rollout -> lines.add("forced\t" + rollout));
    new TreeMap<>(removals.ranOut())
        .forEach((rollout, command) -> lines.add("lease\t" + rollout + "\t" + command));
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.write(next, lines);
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("file", file)
          .addKeyValue("event", "trips-not-kept")
          .log("trips cannot be kept over a restart");
    }
  }
}
