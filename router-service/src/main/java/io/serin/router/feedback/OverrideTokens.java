package io.serin.router.feedback;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * Writes and reads testers' tokens: {@code svt_} and base64url of a version byte, the fields and
 * their signature. Immutable and thread-safe.
 */
public final class OverrideTokens {

  private static final String PREFIX = "svt_";

  /** Unlike those of other signed texts, so that none of them passes for a token. */
  private static final int VERSION = 130;

  private static final int MAX_LENGTH = 2048;

  private final KeyRing keys;

  OverrideTokens(KeyRing keys) {
    this.keys = keys;
  }

  /** The token's text. */
  public String write(OverrideToken token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(token.rollout());
      out.writeUTF(token.variant());
      out.writeLong(token.expiresAt().toEpochMilli());
      out.write(keys.sign(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * What a token says, expired or not; empty where it was not signed by a key of the ring.
   *
   * @throws IllegalArgumentException where the text is no token at all
   */
  public Optional<OverrideToken> read(String text) {
    if (!text.startsWith(PREFIX) || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a token begins with " + PREFIX);
    }
    byte[] bytes = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
    if (bytes.length == 0 || bytes[0] != (byte) VERSION) {
      throw new IllegalArgumentException("a token of an unknown version");
    }
    byte[] fields = keys.open(bytes);
    return fields == null ? Optional.empty() : Optional.of(fields(fields));
  }

  private static OverrideToken fields(byte[] bytes) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, 1, bytes.length - 1))) {
      return new OverrideToken(in.readUTF(), in.readUTF(), Instant.ofEpochMilli(in.readLong()));
    } catch (IOException e) {
      throw new UncheckedIOException("a signed token that cannot be read", e);
    }
  }
}
