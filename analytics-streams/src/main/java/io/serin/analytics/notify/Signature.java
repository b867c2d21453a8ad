package io.serin.analytics.notify;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The header serin-signature: {@code t=SECONDS,v1=HEX}, where HEX is HMAC-SHA256 (RFC 2104) of
 * {@code SECONDS.BODY}. The time, since the epoch, lets a receiver refuse what is old.
 */
final class Signature {
  private Signature() {}

  /**
   * Signs.
   *
   * @param key at least one byte
   * @param seconds since the epoch
   */
  static String of(byte[] key, long seconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
