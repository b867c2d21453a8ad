package io.serin.cli.stack;

import io.serin.cli.stack.supervise.StackException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A stack's data folder, locked so that no second stack uses it. */
final class DataFolder implements Closeable {

  /** What a stack needs free to start: Kafka's first segments, journals, state, logs. */
  static final long NEEDED_BYTES = 512L << 20;

  private final Path path;
  private final FileChannel channel;

  private DataFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * @throws StackException if the folder cannot be written, its disk is full, or another stack uses
   *     it
   */
  static DataFolder open(Path path) throws StackException {
    try {
      Files.createDirectories(path.resolve("logs"));
    } catch (IOException e) {
      throw new StackException(
          "the data folder "
              + path
              + " cannot be written ("
              + e
              + "): make it writable or choose another one with --data",
          e);
    }
    checkSpace(path);
    return new DataFolder(path, locked(path));
  }

  Path path() {
    return path;
  }

  /** The file that every child process holds a shared lock on. */
  Path childrenLock() {
    return path.resolve("children.lock");
  }

  /**
   * Waits until no child process of an earlier stack runs: when their parent is killed they end by
   * themselves, within seconds.
   *
   * @throws StackException if they still run after {@code bound}
   */
  void awaitEarlierChildren(Duration bound) throws StackException, InterruptedException {
    long end = System.nanoTime() + bound.toNanos();
    while (!childrenGone()) {
      if (System.nanoTime() > end) {
        throw new StackException(
            "processes of an earlier run still use the data folder "
                + path
                + ": end them (pgrep -f io.serin.cli.stack.Tether lists them)");
      }
      Thread.sleep(50);
    }
  }

  private boolean childrenGone() throws StackException {
    try (FileChannel lock =
            FileChannel.open(
                childrenLock(),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock all = lock.tryLock()) {
      return all != null;
    } catch (IOException e) {
      throw new StackException(childrenLock() + " cannot be locked (" + e + ")", e);
    }
  }

  Path log(String name) {
    return path.resolve("logs").resolve(name + ".log");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The lock goes with the process.
    }
  }

  private static void checkSpace(Path path) throws StackException {
    try {
      long free = Files.getFileStore(path).getUsableSpace();
      if (free < NEEDED_BYTES) {
        throw new StackException(
            "the disk of "
                + path
                + " is full: "
                + (free >> 20)
                + " MB are free, "
                + (NEEDED_BYTES >> 20)
                + " MB are needed; make room or choose another folder with --data");
      }
    } catch (IOException e) {
      throw new StackException("the disk of " + path + " cannot be asked for its free space", e);
    }
  }

  private static FileChannel locked(Path path) throws StackException {
    Path file = path.resolve("lock");
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new StackException(
          "the data folder " + path + " cannot be written (" + e + "): choose another with --data",
          e);
    }
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String owner = owner(channel);
        channel.close();
        throw new StackException(
            "another serin uses the data folder "
                + path
                + (owner.isEmpty() ? "" : " (process " + owner + ")")
                + ": stop it, or choose another folder with --data");
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
          0);
      return channel;
    } catch (IOException e) {
      throw new StackException("the data folder " + path + " cannot be locked (" + e + ")", e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another stack of this very process
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    int read = channel.read(text, 0);
    return read <= 0 ? "" : new String(text.array(), 0, read, StandardCharsets.US_ASCII);
  }
}
