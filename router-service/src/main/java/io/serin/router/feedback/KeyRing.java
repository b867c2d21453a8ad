package io.serin.router.feedback;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys that sign ids, by the first 16 bytes of HMAC-SHA256. The first key signs; every key of
 * the ring verifies, so that a key can be changed while ids of the earlier one are still in use.
 * Immutable and thread-safe.
 */
final class KeyRing {

  private static final int SIGNATURE_BYTES = 16;
  private static final int MIN_KEY_BYTES = 16;

  private final List<Mac> keys;

  KeyRing(List<byte[]> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("signing key: none is given");
    }
    this.keys = keys.stream().map(KeyRing::mac).toList();
  }

  /** The signature of these bytes. */
  byte[] sign(byte[] bytes) {
    return signature(keys.getFirst(), bytes);
  }

  /** What was signed, without its signature; null where no key of the ring signed it. */
  byte @Nullable [] open(byte[] signed) {
    int length = signed.length - SIGNATURE_BYTES;
    if (length < 1) {
      return null;
    }
    byte[] fields = Arrays.copyOf(signed, length);
    byte[] signature = Arrays.copyOfRange(signed, length, signed.length);
    boolean genuine = false;
    for (Mac key : keys) {
      genuine |= MessageDigest.isEqual(signature(key, fields), signature);
    }
    return genuine ? fields : null;
  }

  private static byte[] signature(Mac key, byte[] bytes) {
    try {
      return Arrays.copyOf(((Mac) key.clone()).doFinal(bytes), SIGNATURE_BYTES);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a Java platform whose HmacSHA256 cannot be cloned", e);
    }
  }

  private static Mac mac(byte[] key) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "signing key: " + key.length + " bytes, at least " + MIN_KEY_BYTES + " are needed");
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a Java platform without HmacSHA256", e);
    }
  }

  /** Shows no key. */
  @Override
  public String toString() {
    return keys.size() + " keys";
  }
}
