package io.serin.rollout.assignment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The hash space that a split divides: slots 0 … 9999, one for each basis point of traffic. Pure
 * and thread-safe.
 */
public final class Slots {

  private Slots() {}

  /**
   * The slot of a unit under a salt: the first 8 bytes of SHA-256(salt ":" unit), as an unsigned
   * number, modulo {@link Split#SLOTS}. Equal on every router and in every version of Serin.
   */
  public static int of(String salt, String unit) {
    byte[] hash = Sha256.of((salt + ':' + unit).getBytes(StandardCharsets.UTF_8));
    return (int) Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), Split.SLOTS);
  }

  /**
   * Whether a unit belongs to a sample of basis points (0 … 10000), independently of its slot in
   * the split. A larger sample contains every smaller one.
   */
  public static boolean sampled(String salt, String unit, int basisPoints) {
    return basisPoints > 0 && of(salt + "/shadow", unit) < basisPoints;
  }
}
