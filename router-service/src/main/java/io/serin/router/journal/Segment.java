package io.serin.router.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * One mapped file of the journal. Every block of it is written when it is made, so that a full disk
 * shows there as an error, and never as a fault on a mapped write. One thread appends at a time;
 * any number read.
 */
final class Segment {

  /** Fills a new file with zeros; throws where the disk cannot hold it. */
  @FunctionalInterface
  interface Preallocation {
    void fill(FileChannel file, long bytes) throws IOException;

    static void zeros(FileChannel file, long bytes) throws IOException {
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 16);
      long at = 0;
      while (at < bytes) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
        at += file.write(zeros, at);
      }
    }
  }

  static final String SUFFIX = ".segment";
  static final int HEADER = 64;

  private static final long MAGIC = 0x3130_4c4e_4a4e_5253L; // "SRNJNL01"
  private static final int HEADER_CRC = 56;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final long number;
  private final Arena arena;
  private final MemorySegment memory;
  private final AtomicInteger openTickets = new AtomicInteger();
  private UUID incarnation = new UUID(0, 0);
  private volatile long tail = HEADER;

  private Segment(Path path, long number, Arena arena, MemorySegment memory) {
    this.path = path;
    this.number = number;
    this.arena = arena;
    this.memory = memory;
  }

  static Path pathOf(Path directory, long number) {
    return directory.resolve(String.format("%016d", number) + SUFFIX);
  }

  static long numberOf(Path path) {
    String name = path.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }

  /** Makes a segment without a header; leaves no file where that fails. */
  static Segment create(Path directory, long number, int bytes, Preallocation preallocation)
      throws IOException {
    Path path = pathOf(directory, number);
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      preallocation.fill(file, bytes);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(path);
      throw e;
    }
    return map(path, number);
  }

  static Segment map(Path path, long number) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Segment(
          path, number, arena, file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), arena));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  long number() {
    return number;
  }

  UUID incarnation() {
    return incarnation;
  }

  long size() {
    return memory.byteSize();
  }

  /** Offset of the next frame. */
  long tail() {
    return tail;
  }

  long remaining() {
    return memory.byteSize() - tail;
  }

  AtomicInteger openTickets() {
    return openTickets;
  }

  /** True where no header was ever written: the segment was made in advance and not used. */
  boolean isBlank() {
    if (memory.byteSize() < HEADER) {
      return true;
    }
    for (long at = 0; at < HEADER; at += Long.BYTES) {
      if (memory.get(LONG, at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Reads the header; false where it is not that of the segment of this number. */
  boolean readHeader() {
    if (memory.byteSize() < HEADER
        || memory.get(LONG, 0) != MAGIC
        || memory.get(LONG, 8) != number
        || memory.get(INT, HEADER_CRC) != headerCrc()) {
      return false;
    }
    incarnation = new UUID(memory.get(LONG, 16), memory.get(LONG, 24));
    return true;
  }

  void writeHeader(UUID owner, long createdAt) {
    incarnation = owner;
    memory.set(LONG, 0, MAGIC);
    memory.set(LONG, 8, number);
    memory.set(LONG, 16, owner.getMostSignificantBits());
    memory.set(LONG, 24, owner.getLeastSignificantBits());
    memory.set(LONG, 32, createdAt);
    memory.set(INT, HEADER_CRC, headerCrc());
  }

  /** Appends a frame that fits; returns its offset. */
  long append(Frame frame, byte[] scratch) {
    long offset = tail;
    frame.write(memory, offset, scratch);
    tail = offset + frame.size();
    return offset;
  }

  Slot read(long offset) {
    return Frame.read(memory, offset);
  }

  /** Ends the segment at {@code offset}: everything behind is zero afterwards. */
  void truncate(long offset) {
    memory.asSlice(offset).fill((byte) 0);
    tail = offset;
  }

  void endsAt(long offset) {
    tail = offset;
  }

  void force() {
    memory.force();
  }

  void unmap() {
    arena.close();
  }

  /** Removes the file; where that fails the segment is as before. */
  void delete() throws IOException {
    Files.deleteIfExists(path);
    unmap();
  }

  private int headerCrc() {
    CRC32C crc = new CRC32C();
    crc.update(memory.asSlice(0, HEADER_CRC).toArray(ValueLayout.JAVA_BYTE));
    return (int) crc.getValue();
  }
}
