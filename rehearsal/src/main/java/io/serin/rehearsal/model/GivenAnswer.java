package io.serin.rehearsal.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model server tells of one answer, at the moment it begins to leave (or, where it hangs,
 * when the request came).
 *
 * @param kinds of the faults that show in it; empty for a good answer
 * @param clientRequestId the client's x-client-request-id, where it came through
 */
public record GivenAnswer(
    String variant,
    Instant at,
    boolean streamed,
    List<String> kinds,
    @Nullable String clientRequestId) {

  /** Whether a fault shows in it. */
  public boolean bad() {
    return !kinds.isEmpty();
  }
}
