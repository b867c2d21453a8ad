package io.serin.router.feedback;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Writes and reads signed request ids: {@code req_} and base64url of a version byte, the fields,
 * and the first 16 bytes of their HMAC-SHA256. The first key signs; every key of the ring verifies,
 * so that a key can be changed while ids of the earlier one are still in use. What changes with a
 * fallback (served variant, reason) comes last, so that ids of one request begin alike.
 *
 * <p>An id hides nothing: it names rollout and variants to whoever decodes it. It cannot be forged.
 * Immutable and thread-safe.
 */
public final class RequestIds {

  private static final String PREFIX = "req_";
  private static final int VERSION = 1;
  private static final int MAX_LENGTH = 2048;

  private final KeyRing keys;
  private final StateMarks marks;

  /**
   * @param keys the ring: the first signs, all verify; each at least 16 bytes
   */
  public RequestIds(List<byte[]> keys) {
    this.keys = new KeyRing(keys);
    this.marks = new StateMarks(keys);
  }

  /** The ids of stored responses, signed with the same ring. */
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
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(id.nonce());
      out.writeUTF(id.rollout());
      out.writeUTF(id.run());
      out.writeInt(id.stage());
      out.writeUTF(id.unit());
      out.writeUTF(id.assigned());
      out.writeUTF(id.served().equals(id.assigned()) ? "" : id.served());
      out.writeUTF(id.why().equals(RequestId.ASSIGNED) ? "" : id.why());
      out.write(keys.sign(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /** What an id says; empty where it was not signed by a key of the ring. */
  public Optional<RequestId> read(String text) {
    if (!text.startsWith(PREFIX) || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    byte[] fields = bytes.length > 0 && bytes[0] == VERSION ? keys.open(bytes) : null;
    return fields == null ? Optional.empty() : Optional.of(fields(fields));
  }

  private static RequestId fields(byte[] bytes) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, 1, bytes.length - 1))) {
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
      throw new UncheckedIOException("a signed id that cannot be read", e);
    }
  }

  /** Shows no key. */
  @Override
  public String toString() {
    return "RequestIds[" + keys + "]";
  }
}
