package io.serin.router.feedback;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * Writes and reads sealed request ids, {@code req_…}: everything that feedback needs, and nothing
 * that a client can read, the variant least of all. Immutable and thread-safe.
 */
public final class RequestIds {

  private static final int VERSION = 2;

  /** Room for the usual names of two variants and a reason. */
  private static final int LEAST_BYTES = 64;

  private static final String ANYBODY = "";

  private final KeyRing keys;
  private final SealedText text;
  private final StateMarks marks;

  /**
   * @param keys the ring: the first seals, all read; each at least 16 bytes
   */
  public RequestIds(List<byte[]> keys) {
    this.keys = new KeyRing(keys);
    this.text = new SealedText(this.keys, "req_", VERSION, LEAST_BYTES);
    this.marks = new StateMarks(keys);
  }

  /** The ids of stored responses, sealed with the same ring. */
  public ResponseIds responses() {
    return new ResponseIds(keys);
  }

  /** The marks of opaque state, made with the same keys. */
  public StateMarks marks() {
    return marks;
  }

  /** The tokens of testers, signed with the same ring. */
  public OverrideTokens overrides() {
    return new OverrideTokens(keys);
  }

  /** The id's text. */
  public String write(RequestId id) {
    return text.write(
        ANYBODY,
        out -> {
          out.writeLong(id.nonce());
          out.writeUTF(id.rollout());
          out.writeUTF(id.run());
          out.writeInt(id.stage());
          out.writeUTF(id.unit());
          int same = out.size();
          out.writeUTF(id.assigned());
          out.writeUTF(id.served().equals(id.assigned()) ? "" : id.served());
          out.writeUTF(id.why().equals(RequestId.ASSIGNED) ? "" : id.why());
          return same;
        });
  }

  /** What an id says; empty where no key of the ring sealed it. */
  public Optional<RequestId> read(String id) {
    byte[] fields = text.read(ANYBODY, id);
    return fields == null ? Optional.empty() : Optional.of(fields(fields));
  }

  private static RequestId fields(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      long nonce = in.readLong();
      String rollout = in.readUTF();
      String run = in.readUTF();
      int stage = in.readInt();
      String unit = in.readUTF();
      String assigned = in.readUTF();
      String served = in.readUTF();
      String why = in.readUTF();
      return new RequestId(
          nonce,
          rollout,
          run,
          stage,
          unit,
          assigned,
          served.isEmpty() ? assigned : served,
          why.isEmpty() ? RequestId.ASSIGNED : why);
    } catch (IOException e) {
      throw new UncheckedIOException("a sealed id that cannot be read", e);
    }
  }

  /** Shows no key. */
  @Override
  public String toString() {
    return "RequestIds[" + keys + "]";
  }
}
