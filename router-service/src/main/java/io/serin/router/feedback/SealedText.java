package io.serin.router.feedback;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One kind of sealed text: a prefix and base64url of sealed fields, padded so that the length says
 * nothing of a variant. Immutable and thread-safe.
 *
 * @param keys seal and open
 * @param prefix begins the text
 * @param version its first sealed byte, unlike that of any other kind
 * @param least bytes that what differs between variants is padded to; beyond it in steps of {@value
 *     #STEP}
 */
record SealedText(KeyRing keys, String prefix, int version, int least) {

  private static final int STEP = 128;
  private static final int MAX_LENGTH = 2048;

  /** Writes the fields of one text; those that differ between variants last. */
  @FunctionalInterface
  interface Fields {

    /** Returns how many bytes come before the fields that differ between variants. */
    int write(DataOutputStream out) throws IOException;
  }

  String write(String owner, Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * least);
    int same;
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      same = fields.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    int beyond = Math.max(0, bytes.size() - same - least);
    int padded = same + least + (beyond + STEP - 1) / STEP * STEP;
    byte[] sealed = keys.seal((byte) version, owner, Arrays.copyOf(bytes.toByteArray(), padded));
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
  }

  /** The fields; null where no key of the ring sealed the text for this owner. */
  byte @Nullable [] read(String owner, String text) {
    byte[] sealed = decoded(text);
    return sealed == null ? null : keys.unseal((byte) version, owner, sealed);
  }

  /** Whether the text has the form of this kind, whoever sealed it for whomever. */
  boolean hasForm(String text) {
    byte[] sealed = decoded(text);
    return sealed != null && sealed.length > least && sealed[0] == (byte) version;
  }

  private byte @Nullable [] decoded(String text) {
    if (!text.startsWith(prefix) || text.length() > MAX_LENGTH) {
      return null;
    }
    try {
      return Base64.getUrlDecoder().decode(text.substring(prefix.length()));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
