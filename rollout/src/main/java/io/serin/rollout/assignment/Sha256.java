package io.serin.rollout.assignment;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, which every Java platform has. */
final class Sha256 {

  /** Cloned rather than looked up, which costs more than the hash of a unit. Never updated. */
  private static final MessageDigest PROTOTYPE = find();

  private Sha256() {}

  static byte[] of(byte[] input) {
    return digest().digest(input);
  }

  /** A digest that is the caller's own. */
  static MessageDigest digest() {
    try {
      return (MessageDigest) PROTOTYPE.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a Java platform whose SHA-256 cannot be cloned", e);
    }
  }

  private static MessageDigest find() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a Java platform without SHA-256", e);
    }
  }
}
