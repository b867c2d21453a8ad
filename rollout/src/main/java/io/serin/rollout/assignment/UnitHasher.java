package io.serin.rollout.assignment;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * Turns what sticks to a variant (a user, a conversation, a tenant) into the name that leaves the
 * router: the first 16 bytes of SHA-256(deployment salt, value), base64url without padding, 22
 * characters. Immutable and thread-safe.
 */
public final class UnitHasher {

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int BYTES = 16;

  private final byte[] salt;

  /**
   * @param salt the deployment's salt: a secret that all its routers share, at least 8 bytes
   */
  public UnitHasher(byte[] salt) {
    if (salt.length < 8) {
      throw new IllegalArgumentException(
          "unit salt: " + salt.length + " bytes, at least 8 are needed");
    }
    this.salt = salt.clone();
  }

  /** The unit of a value. */
  public String unitOf(String value) {
    MessageDigest digest = Sha256.digest();
    digest.update(salt);
    digest.update(value.getBytes(StandardCharsets.UTF_8));
    return encode(Arrays.copyOf(digest.digest(), BYTES));
  }

  /** A unit's spelling for 16 bytes, as used for requests that name none. */
  public static String encode(byte[] sixteen) {
    return BASE64.encodeToString(sixteen);
  }

  /** Shows no salt. */
  @Override
  public String toString() {
    return "UnitHasher";
  }
}
