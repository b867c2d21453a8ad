package io.serin.router.assignment;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, which every Java platform has. */
final class Sha256 {

  private Sha256() {}

  static byte[] of(byte[] input) {
    return digest().digest(input);
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a Java platform without SHA-256", e);
    }
  }
}
