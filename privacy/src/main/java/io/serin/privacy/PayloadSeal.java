package io.serin.privacy;

import io.serin.schemas.SealedPayload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Envelope encryption of a captured payload (AES-256-GCM, NIST SP 800-38D): its content under a
 * data key of its own, the data key under a key-encryption key that only routers and workers can
 * read. Both are bound to the request's id, rollout and run, so that no sealed content can be put
 * into another record. Pure but for randomness.
 */
public final class PayloadSeal {
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private PayloadSeal() {}

  /** What is sealed. Its toString shows sizes only; it is equal to itself alone. */
  public static final class Content {
    private final byte[] requestBody;
    private final @Nullable String servedText;

    /** Takes the body as it is, without copying it. */
    public Content(byte[] requestBody, @Nullable String servedText) {
      this.requestBody = requestBody;
      this.servedText = servedText;
    }

    /** The request's body as it was captured, at least 0 bytes; not a copy. */
    public byte[] requestBody() {
      return requestBody;
    }

    /** The text that was served; null where none was kept. */
    public @Nullable String servedText() {
      return servedText;
    }

    @Override
    public String toString() {
      return "Content[" + requestBody.length + " bytes]";
    }
  }

  /**
   * A key-encryption key from its text: 32 bytes in base64.
   *
   * @throws IllegalArgumentException without the text in its message
   */
  public static SecretKey key(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a payload key must be 32 bytes in base64; this is no base64");
    }
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "a payload key must be 32 bytes in base64; this is " + bytes.length + " bytes");
    }
    return new SecretKeySpec(bytes, "AES");
  }

  /**
   * Seals.
   *
   * @param binding what {@link #binding} gives of the record
   */
  public static SealedPayload seal(
      String keyId, SecretKey key, byte[] binding, Content content, SecureRandom random)
      throws GeneralSecurityException {
    byte[] dataKey = new byte[KEY_BYTES];
    random.nextBytes(dataKey);
    return SealedPayload.newBuilder()
        .setKeyId(keyId)
        .setWrappedKey(ByteBuffer.wrap(encrypt(key, binding, dataKey, random)))
        .setContent(
            ByteBuffer.wrap(
                encrypt(new SecretKeySpec(dataKey, "AES"), binding, bytes(content), random)))
        .build();
  }

  /**
   * Opens.
   *
   * @throws GeneralSecurityException where the key is another, or a byte is not as it was sealed
   */
  public static Content open(SealedPayload sealed, SecretKey key, byte[] binding)
      throws GeneralSecurityException {
    byte[] dataKey = decrypt(key, binding, sealed.getWrappedKey());
    ByteBuffer content =
        ByteBuffer.wrap(decrypt(new SecretKeySpec(dataKey, "AES"), binding, sealed.getContent()));
    byte[] body = new byte[content.getInt()];
    content.get(body);
    String text = null;
    if (content.get() == 1) {
      byte[] rest = new byte[content.remaining()];
      content.get(rest);
      text = new String(rest, StandardCharsets.UTF_8);
    }
    return new Content(body, text);
  }

  /** What a sealed content belongs to. */
  public static byte[] binding(String requestId, String rollout, String run) {
    return (requestId + "\n" + rollout + "\n" + run).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Content content) {
    String text = content.servedText();
    byte[] told = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + content.requestBody().length + 1 + told.length)
        .putInt(content.requestBody().length)
        .put(content.requestBody())
        .put((byte) (text == null ? 0 : 1))
        .put(told)
        .array();
  }

  private static byte[] encrypt(SecretKey key, byte[] binding, byte[] plain, SecureRandom random)
      throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(binding);
    byte[] sealed = cipher.doFinal(plain);
    return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
  }

  private static byte[] decrypt(SecretKey key, byte[] binding, ByteBuffer sealed)
      throws GeneralSecurityException {
    byte[] bytes = new byte[sealed.remaining()];
    sealed.duplicate().get(bytes);
    if (bytes.length < NONCE_BYTES + TAG_BITS / 8) {
      throw new GeneralSecurityException("sealed bytes are too few: " + bytes.length);
    }
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, bytes, 0, NONCE_BYTES));
    cipher.updateAAD(binding);
    return cipher.doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
  }
}
