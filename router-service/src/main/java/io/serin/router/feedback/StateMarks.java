package io.serin.router.feedback;

import io.serin.openai.state.StateMark;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Makes and recognises the marks of opaque state: 6 random bytes, and the first 9 of an HMAC-SHA256
 * of them and of who made the state. A mark names nobody: a router recognises it by trying whom it
 * knows, and to anyone else no two of them are alike. The first key of the ring marks, every key
 * recognises. Immutable and thread-safe.
 */
public final class StateMarks {

  private static final int NONCE_BYTES = 6;
  private static final int TAG_BYTES = 9;
  private static final byte[] PURPOSE = "state of ".getBytes(StandardCharsets.US_ASCII);

  private final List<KeyRing> keys;

  StateMarks(List<byte[]> keys) {
    this.keys = keys.stream().map(key -> new KeyRing(List.of(key))).toList();
  }

  /**
   * A mark.
   *
   * @param maker who made the state
   * @param random makes marks of one maker unlike each other; the lower 48 bits count
   */
  public String make(String maker, long random) {
    byte[] nonce =
        Arrays.copyOfRange(ByteBuffer.allocate(Long.BYTES).putLong(random).array(), 2, 8);
    ByteBuffer mark = ByteBuffer.allocate(NONCE_BYTES + TAG_BYTES);
    mark.put(nonce).put(tag(keys.getFirst(), nonce, maker));
    return StateMark.of(Base64.getUrlEncoder().withoutPadding().encodeToString(mark.array()));
  }

  /** Whether this is a mark of this maker. */
  public boolean says(String mark, String maker) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(StateMark.letters(mark));
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (bytes.length != NONCE_BYTES + TAG_BYTES) {
      return false;
    }
    byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
    byte[] tag = Arrays.copyOfRange(bytes, NONCE_BYTES, bytes.length);
    return keys.stream().anyMatch(key -> MessageDigest.isEqual(tag(key, nonce, maker), tag));
  }

  private static byte[] tag(KeyRing key, byte[] nonce, String maker) {
    byte[] name = maker.getBytes(StandardCharsets.UTF_8);
    ByteBuffer signed = ByteBuffer.allocate(PURPOSE.length + nonce.length + name.length);
    return Arrays.copyOf(key.sign(signed.put(PURPOSE).put(nonce).put(name).array()), TAG_BYTES);
  }

  /** Shows no key. */
  @Override
  public String toString() {
    return "StateMarks[" + keys.size() + " keys]";
  }
}
