package io.serin.router.journal;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whose events the journal numbers: a small file, replaced atomically.
 *
 * @param incarnation prefix of every event id; kept for the life of the directory
 * @param boot the operating system's boot in which the journal was last opened; empty where it is
 *     not known
 * @param clean whether it was closed, and with that forced to disk
 */
record Identity(UUID incarnation, String boot, boolean clean) {

  static final String FILE = "identity";

  static @Nullable Identity read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    Properties properties = new Properties();
    try (Reader in = new StringReader(Files.readString(file, StandardCharsets.UTF_8))) {
      properties.load(in);
      return new Identity(
          UUID.fromString(properties.getProperty("incarnation", "")),
          properties.getProperty("boot", ""),
          Boolean.parseBoolean(properties.getProperty("clean")));
    } catch (IllegalArgumentException e) {
      return null; // Damaged: the segments' headers tell the incarnation too.
    }
  }

  void write(Path directory) throws IOException {
    Path next = directory.resolve(FILE + ".next");
    Files.writeString(
        next,
        "incarnation=" + incarnation + "\nboot=" + boot + "\nclean=" + clean + "\n",
        StandardCharsets.UTF_8);
    Files.move(
        next,
        directory.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
