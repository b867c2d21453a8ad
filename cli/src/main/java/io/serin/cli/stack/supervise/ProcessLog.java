package io.serin.cli.stack.supervise;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The log file of one process: at most two files of {@link #LIMIT} bytes, and the last lines in
 * memory. Never throws: a full disk must not stop the process that writes. Thread-safe.
 */
final class ProcessLog implements Closeable {

  static final long LIMIT = 16L << 20;
  private static final int KEPT_LINES = 15;

  private final Path file;
  private final Deque<String> last = new ArrayDeque<>();
  private BufferedWriter writer;
  private long written;

  ProcessLog(Path file) throws IOException {
    this.file = file;
    this.writer = open();
    this.written = Files.size(file);
  }

  private BufferedWriter open() throws IOException {
    return Files.newBufferedWriter(
        file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  synchronized void write(String line) {
    last.addLast(line);
    if (last.size() > KEPT_LINES) {
      last.removeFirst();
    }
    try {
      if (written > LIMIT) {
        writer.close();
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
        writer = open();
        written = 0;
      }
      writer.write(line);
      writer.newLine();
      writer.flush();
      written += line.length() + 1L;
    } catch (IOException e) {
      // The lines in memory remain.
    }
  }

  synchronized List<String> lastLines() {
    return List.copyOf(last);
  }

  /** Forgets the lines in memory: a new life of the process begins. */
  synchronized void forget() {
    last.clear();
  }

  @Override
  public synchronized void close() {
    try {
      writer.close();
    } catch (IOException e) {
      // Nothing is lost that could be kept.
    }
  }
}
