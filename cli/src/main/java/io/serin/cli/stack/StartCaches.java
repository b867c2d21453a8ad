package io.serin.cli.stack;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The JVM's ahead-of-time caches (JEP 483, JEP 515), by which a process starts in about half the
 * time. A cache is good for one JVM, one set of flags and one class path, and its file's name says
 * which: what does not fit is not used, and no process fails for want of one.
 */
final class StartCaches {

  private final Path folder;
  private final CacheMode mode;
  private final List<Recording> recordings = new ArrayList<>();
  private volatile boolean missing;

  /**
   * A cache to be made.
   *
   * @param file the cache
   */
  private record Recording(Path file, List<String> flags, List<Path> classPath) {

    /** What the process that ran wrote when it ended. */
    Path observed() {
      return Path.of(file + ".observed");
    }

    Path draft() {
      return Path.of(file + ".draft");
    }
  }

  StartCaches(Path folder, CacheMode mode) {
    this.folder = folder;
    this.mode = mode;
  }

  CacheMode mode() {
    return mode;
  }

  /**
   * The flags by which a process uses or writes its cache.
   *
   * @param kind of process, for the file's name
   * @param flags of the JVM
   * @param classPath of the process
   */
  List<String> flags(String kind, List<String> flags, List<Path> classPath) {
    Optional<Path> fitting = file(kind, flags, classPath);
    if (fitting.isEmpty()) {
      return List.of();
    }
    Path file = fitting.get();
    missing |= !Files.exists(file);
    return switch (mode) {
      case USE ->
          Files.exists(file)
              ? List.of("-XX:AOTCache=" + file, "-Xlog:aot=off", "-Xlog:cds=off")
              : List.of();
      case RECORD -> record(new Recording(file, flags, classPath));
    };
  }

  /** Whether a process was given no cache because there is none yet. */
  boolean missing() {
    return missing;
  }

  private List<String> record(Recording recording) {
    synchronized (recordings) {
      recordings.add(recording);
    }
    return List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + recording.observed());
  }

  /**
   * Makes the caches of what was recorded, once the processes have ended, and deletes those that no
   * longer fit. Blocks for seconds a cache.
   *
   * @param java the executable
   * @return how many were made
   */
  int make(Path java) throws IOException, InterruptedException {
    List<Recording> all;
    synchronized (recordings) {
      all = List.copyOf(recordings);
      recordings.clear();
    }
    int made = 0;
    for (Recording recording : all) {
      if (Files.exists(recording.observed()) && create(java, recording)) {
        deleteOlder(recording.file());
        Files.move(recording.draft(), recording.file(), StandardCopyOption.ATOMIC_MOVE);
        made++;
      }
      Files.deleteIfExists(recording.observed());
      Files.deleteIfExists(recording.draft());
    }
    return made;
  }

  private static boolean create(Path java, Recording recording)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(recording.flags());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:AOTMode=create",
            "-XX:AOTConfiguration=" + recording.observed(),
            "-XX:AOTCache=" + recording.draft(),
            "-cp",
            recording.classPath().stream()
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator))));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor() == 0 && Files.exists(recording.draft());
    } finally {
      process.destroyForcibly();
    }
  }

  private void deleteOlder(Path file) throws IOException {
    String name = file.getFileName().toString();
    String prefix = name.substring(0, name.lastIndexOf('-') + 1);
    try (var files = Files.list(folder)) {
      for (Path other : files.toList()) {
        String older = other.getFileName().toString();
        if (older.startsWith(prefix) && older.endsWith(".aot")) {
          Files.delete(other);
        }
      }
    }
  }

  /** Empty if the class path holds folders: the JVM caches jars only. */
  private Optional<Path> file(String kind, List<String> flags, List<Path> classPath) {
    StringBuilder key = new StringBuilder(Runtime.version().toString());
    key.append(System.getProperty("java.home")).append(flags);
    try {
      for (Path entry : classPath) {
        if (!Files.isRegularFile(entry)) {
          return Optional.empty();
        }
        key.append('\n')
            .append(entry)
            .append(Files.size(entry))
            .append(Files.getLastModifiedTime(entry).toMillis());
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.of(folder.resolve(kind + "-" + hash(key.toString()) + ".aot"));
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
