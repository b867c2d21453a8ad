package io.serin.worker.budget;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Draws that are the same on every worker and after every restart: by hash, not by chance. */
public final class Draw {
  private Draw() {}

  /**
   * Basis points, 0 … 9999, drawn by what they are for and for whom.
   *
   * @param purpose so that two draws of one request are independent
   */
  public static int basisPoints(String purpose, String requestId) {
    long bits = ByteBuffer.wrap(sha256(purpose + ":" + requestId)).getLong();
    return (int) Long.remainderUnsigned(bits, 10_000);
  }

  /** A number in 0 … 2⁶³−1, drawn likewise. */
  public static long number(String purpose, String requestId) {
    return ByteBuffer.wrap(sha256(purpose + ":" + requestId)).getLong() & Long.MAX_VALUE;
  }

  /** SHA-256 of a text in UTF-8, hexadecimal. */
  public static String hash(String text) {
    return HexFormat.of().formatHex(sha256(text));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
