package io.serin.router.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Held by the one process that may use the directory; the operating system frees it when the
 * process dies.
 */
final class JournalLock implements AutoCloseable {

  private final FileChannel file;

  private JournalLock(FileChannel file) {
    this.file = file;
  }

  /**
   * @throws JournalInUseException if another process, or this one, holds it
   */
  static JournalLock acquire(Path directory) throws IOException {
    Path path = directory.resolve("lock");
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    } catch (IOException e) {
      file.close();
      throw e;
    }
    if (lock == null) {
      file.close();
      throw new JournalInUseException(
          directory, Files.readString(path, StandardCharsets.UTF_8).strip());
    }
    file.truncate(0);
    file.write(
        ByteBuffer.wrap(
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)),
        0);
    return new JournalLock(file);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
