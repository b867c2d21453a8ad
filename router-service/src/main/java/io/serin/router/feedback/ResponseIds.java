package io.serin.router.feedback;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Optional;

/**
 * Writes and reads signed ids of stored responses: {@code resp_} and base64url of a version byte,
 * the fields and their signature. A client sends one as "previous_response_id", or in a path below
 * /v1/responses. Immutable and thread-safe.
 */
public final class ResponseIds {

  private static final String PREFIX = "resp_";
  private static final int VERSION = 129;
  private static final int MAX_LENGTH = 2048;

  private final KeyRing keys;

  ResponseIds(KeyRing keys) {
    this.keys = keys;
  }

  /** The id's text. */
  public String write(ResponseId id) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(id.rollout());
      out.writeUTF(id.variant());
      out.writeUTF(id.origin());
      out.writeUTF(id.id());
      out.write(keys.sign(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /** What an id says; empty where it was not signed by a key of the ring. */
  public Optional<ResponseId> read(String text) {
    if (!text.startsWith(PREFIX) || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    byte[] fields = bytes.length > 0 && bytes[0] == (byte) VERSION ? keys.open(bytes) : null;
    return fields == null ? Optional.empty() : Optional.of(fields(fields));
  }

  private static ResponseId fields(byte[] bytes) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, 1, bytes.length - 1))) {
      return new ResponseId(in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF());
    } catch (IOException e) {
      throw new UncheckedIOException("a signed id that cannot be read", e);
    }
  }
}
