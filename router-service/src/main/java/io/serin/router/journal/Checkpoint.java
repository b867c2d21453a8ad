package io.serin.router.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small mapped file: up to where Kafka acknowledged the journal, and how many events were
 * dropped. Two slots are written in turn, so a torn write leaves the one before. One thread writes
 * positions; any counts drops.
 */
final class Checkpoint implements AutoCloseable {

  private static final int SIZE = 4096;
  private static final int DROPPED = 0;
  private static final int SLOTS = 64;
  private static final int SLOT = 64;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle COUNTER = LONG.varHandle();

  private final Arena arena;
  private final MemorySegment memory;
  private long version;
  private volatile @Nullable Position position;

  private Checkpoint(Arena arena, MemorySegment memory) {
    this.arena = arena;
    this.memory = memory;
    for (int slot = 0; slot < 2; slot++) {
      long at = SLOTS + (long) slot * SLOT;
      long found = memory.get(LONG, at);
      if (found > version && memory.get(LONG, at + 24) == crc(at)) {
        version = found;
        position = new Position(memory.get(LONG, at + 8), memory.get(LONG, at + 16));
      }
    }
  }

  static Checkpoint open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (file.size() < SIZE) {
        Segment.Preallocation.zeros(file, SIZE);
      }
      return new Checkpoint(arena, file.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, arena));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Everything before it was acknowledged; null where nothing ever was. */
  @Nullable Position position() {
    return position;
  }

  void advance(Position to) {
    long at = SLOTS + (version + 1) % 2 * SLOT;
    memory.set(LONG, at, version + 1);
    memory.set(LONG, at + 8, to.segment());
    memory.set(LONG, at + 16, to.offset());
    memory.set(LONG, at + 24, crc(at));
    version++;
    position = to;
  }

  long dropped() {
    return (long) COUNTER.getVolatile(memory, (long) DROPPED);
  }

  void countDropped() {
    COUNTER.getAndAdd(memory, (long) DROPPED, 1L);
  }

  void force() {
    memory.force();
  }

  @Override
  public void close() {
    arena.close();
  }

  private long crc(long at) {
    CRC32C crc = new CRC32C();
    crc.update(memory.asSlice(at, 24).toArray(ValueLayout.JAVA_BYTE));
    return crc.getValue();
  }
}
