package io.serin.router.feedback;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Writes and reads sealed ids of stored responses, {@code resp_…}. A client sends one as
 * "previous_response_id", or in a path below /v1/responses. An id opens only for the owner it was
 * made for: the tenant or key of the request that made it. Immutable and thread-safe.
 */
public final class ResponseIds {

  private static final int VERSION = 131;
  private static final int LEAST_BYTES = 160;

  private final SealedText text;

  ResponseIds(KeyRing keys) {
    this.text = new SealedText(keys, "resp_", VERSION, LEAST_BYTES);
  }

  /**
   * The id's text.
   *
   * @param owner who alone may use it; empty is everybody who names no owner
   */
  public String write(ResponseId id, String owner) {
    return text.write(
        owner,
        out -> {
          out.writeUTF(id.rollout());
          int same = out.size();
          out.writeUTF(id.variant());
          out.writeUTF(id.origin());
          out.writeUTF(id.id());
          return same;
        });
  }

  /** What an id says; empty where no key of the ring sealed it for this owner. */
  public Optional<ResponseId> read(String id, String owner) {
    byte[] fields = text.read(owner, id);
    return fields == null ? Optional.empty() : Optional.of(fields(fields));
  }

  /** Whether a text is an id of Serin's by its form, also one of another owner or key. */
  public boolean hasForm(String id) {
    return text.hasForm(id);
  }

  private static ResponseId fields(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      return new ResponseId(in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF());
    } catch (IOException e) {
      throw new UncheckedIOException("a sealed id that cannot be read", e);
    }
  }
}
