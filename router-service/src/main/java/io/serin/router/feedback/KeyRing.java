package io.serin.router.feedback;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys that sign and seal ids. The first key writes; every key of the ring reads, so that a key
 * can be changed while ids of the earlier one are still in use. Immutable and thread-safe.
 *
 * <p>A signature is the first 16 bytes of HMAC-SHA256. Sealing is deterministic authenticated
 * encryption in the manner of RFC 5297 (SIV): that signature over the fields and their owner is
 * also the initial value of AES-256 in counter mode, so that no nonce can be used twice by mistake.
 * Each use has a key of its own, derived from the ring's.
 */
final class KeyRing {

  private static final int SIGNATURE_BYTES = 16;
  private static final int MIN_KEY_BYTES = 16;

  private record Key(Mac signing, Mac sealing, SecretKeySpec cipher) {}

  private final List<Key> keys;

  KeyRing(List<byte[]> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("signing key: none is given");
    }
    this.keys = keys.stream().map(KeyRing::key).toList();
  }

  /** The signature of these bytes. */
  byte[] sign(byte[] bytes) {
    return signature(keys.getFirst().signing(), bytes);
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
    for (Key key : keys) {
      genuine |= MessageDigest.isEqual(signature(key.signing(), fields), signature);
    }
    return genuine ? fields : null;
  }

  /**
   * Seals fields for an owner: nobody without the key can read them, change them, or use them under
   * another owner or version.
   *
   * @return the version, the signature, the encrypted fields
   */
  byte[] seal(byte version, String owner, byte[] fields) {
    Key key = keys.getFirst();
    byte[] signature = signature(key.sealing(), bound(version, owner, fields));
    byte[] encrypted = crypt(key, signature, fields);
    return ByteBuffer.allocate(1 + signature.length + encrypted.length)
        .put(version)
        .put(signature)
        .put(encrypted)
        .array();
  }

  /** The fields that were sealed for this owner; null where no key of the ring sealed them so. */
  byte @Nullable [] unseal(byte version, String owner, byte[] sealed) {
    if (sealed.length <= 1 + SIGNATURE_BYTES || sealed[0] != version) {
      return null;
    }
    byte[] signature = Arrays.copyOfRange(sealed, 1, 1 + SIGNATURE_BYTES);
    byte[] encrypted = Arrays.copyOfRange(sealed, 1 + SIGNATURE_BYTES, sealed.length);
    byte[] found = null;
    for (Key key : keys) {
      byte[] fields = crypt(key, signature, encrypted);
      if (MessageDigest.isEqual(
          signature(key.sealing(), bound(version, owner, fields)), signature)) {
        found = fields;
      }
    }
    return found;
  }

  private static byte[] bound(byte version, String owner, byte[] fields) {
    byte[] of = owner.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + Integer.BYTES + of.length + fields.length)
        .put(version)
        .putInt(of.length)
        .put(of)
        .put(fields)
        .array();
  }

  /** Encrypts or decrypts: in counter mode both are the same. */
  private static byte[] crypt(Key key, byte[] iv, byte[] bytes) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, key.cipher(), new IvParameterSpec(iv));
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a Java platform without AES in counter mode", e);
    }
  }

  private static byte[] signature(Mac key, byte[] bytes) {
    return Arrays.copyOf(hash(key, bytes), SIGNATURE_BYTES);
  }

  private static byte[] hash(Mac key, byte[] bytes) {
    try {
      return ((Mac) key.clone()).doFinal(bytes);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a Java platform whose HmacSHA256 cannot be cloned", e);
    }
  }

  private static Key key(byte[] key) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "signing key: " + key.length + " bytes, at least " + MIN_KEY_BYTES + " are needed");
    }
    Mac signing = mac(key);
    return new Key(
        signing,
        mac(derived(signing, "serin sealed ids: authentication")),
        new SecretKeySpec(derived(signing, "serin sealed ids: encryption"), "AES"));
  }

  private static byte[] derived(Mac key, String use) {
    return hash(key, use.getBytes(StandardCharsets.UTF_8));
  }

  private static Mac mac(byte[] key) {
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
