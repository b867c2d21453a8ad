package io.serin.cli.rehearse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a rehearsal is held, and what is to be cleared away after it.
 *
 * @param data folder of the embedded stack; null where there is none
 * @param keep whether the folder stays
 */
record Place(Surroundings where, @Nullable Path data, boolean keep, Screen screen)
    implements AutoCloseable {

  @Override
  public void close() throws IOException {
    io.serin.cli.stack.Stack stack = where.stack();
    if (stack != null) {
      stack.close();
    }
    if (data != null && keep) {
      screen.say("data folder kept: " + data);
    } else if (data != null) {
      delete(data);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
