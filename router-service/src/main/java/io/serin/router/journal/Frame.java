package io.serin.router.journal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * One record of a segment. On disk: little-endian, aligned to 8 bytes, zero-padded.
 *
 * <pre>
 *  0 int   length, header included, padding not; written last, so 0 means that nothing was committed here
 *  4 int   CRC-32C of everything from byte 8 to length
 *  8 byte  type      9 byte kind      10 short attempts
 * 12 int   partition
 * 16 long  sequence
 * 24 long  ticket, 0 for none
 * 32 long  schema fingerprint
 * 40 long  milliseconds since the epoch of the append
 * 48       payload
 * </pre>
 *
 * @param attempts of a BEGIN: attempts of its request that were journalled before this frame
 */
@SuppressWarnings("ArrayRecordComponent") // Made for every event, compared by nobody.
record Frame(
    FrameType type,
    int kind,
    int attempts,
    int partition,
    long sequence,
    long ticket,
    long schema,
    long appendedAt,
    byte[] payload,
    int payloadLength)
    implements Slot {

  static final int HEADER = 48;

  static Frame of(
      FrameType type, Payload payload, int attempts, long sequence, long ticket, long millis) {
    return new Frame(
        type,
        payload.kind(),
        attempts,
        payload.partition(),
        sequence,
        ticket,
        payload.schema(),
        millis,
        payload.bytes(),
        payload.length());
  }

  private static final int CRC = 4;
  private static final int TYPE = 8;
  private static final int KIND = 9;
  private static final int ATTEMPTS = 10;
  private static final int PARTITION = 12;
  private static final int SEQUENCE = 16;
  private static final int TICKET = 24;
  private static final int SCHEMA = 32;
  private static final int APPENDED_AT = 40;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LENGTH_LAYOUT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LENGTH = LENGTH_LAYOUT.varHandle();

  /** Bytes that a frame with such a payload takes in a segment. */
  static int sizeOf(int payloadLength) {
    return HEADER + payloadLength + 7 & -8;
  }

  int size() {
    return sizeOf(payloadLength);
  }

  /** Writes the frame; it becomes visible to readers, whole, with the last store. */
  void write(MemorySegment memory, long offset, byte[] scratch) {
    int length = HEADER + payloadLength;
    scratch[TYPE] = (byte) type.code;
    scratch[KIND] = (byte) kind;
    SHORT.set(scratch, ATTEMPTS, (short) Math.min(attempts, Short.MAX_VALUE));
    INT.set(scratch, PARTITION, partition);
    LONG.set(scratch, SEQUENCE, sequence);
    LONG.set(scratch, TICKET, ticket);
    LONG.set(scratch, SCHEMA, schema);
    LONG.set(scratch, APPENDED_AT, appendedAt);
    System.arraycopy(payload, 0, scratch, HEADER, payloadLength);
    INT.set(scratch, CRC, crc(scratch, length));
    MemorySegment.copy(scratch, CRC, memory, ValueLayout.JAVA_BYTE, offset + CRC, length - CRC);
    LENGTH.setRelease(memory, offset, length);
  }

  static Slot read(MemorySegment memory, long offset) {
    long room = memory.byteSize() - offset;
    if (room < Integer.BYTES) {
      return Slot.Empty.INSTANCE;
    }
    int length = (int) LENGTH.getAcquire(memory, offset);
    if (length == 0) {
      return Slot.Empty.INSTANCE;
    }
    if (length < HEADER || length > room) {
      return Slot.Torn.INSTANCE;
    }
    byte[] bytes = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    FrameType type = FrameType.of(bytes[TYPE]);
    if (type == null || (int) INT.get(bytes, CRC) != crc(bytes, length)) {
      return Slot.Torn.INSTANCE;
    }
    byte[] payload = new byte[length - HEADER];
    System.arraycopy(bytes, HEADER, payload, 0, payload.length);
    return new Frame(
        type,
        bytes[KIND],
        (short) SHORT.get(bytes, ATTEMPTS),
        (int) INT.get(bytes, PARTITION),
        (long) LONG.get(bytes, SEQUENCE),
        (long) LONG.get(bytes, TICKET),
        (long) LONG.get(bytes, SCHEMA),
        (long) LONG.get(bytes, APPENDED_AT),
        payload,
        payload.length);
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, TYPE, length - TYPE);
    return (int) crc.getValue();
  }
}
