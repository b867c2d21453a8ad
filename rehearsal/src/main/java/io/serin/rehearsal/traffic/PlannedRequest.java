package io.serin.rehearsal.traffic;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of the traffic. Its text form tells no prompt.
 *
 * @param offsetNanos when it is due, since the traffic's start
 * @param id unique: the client's x-client-request-id
 * @param user the client's x-user-id
 * @param conversation the client's x-conversation-id; null where conversations are off
 * @param earlier turns of the conversation so far
 * @param chat chat completions, else completions
 * @param withUsage whether a stream asks for its usage
 */
public record PlannedRequest(
    long offsetNanos,
    String id,
    String user,
    @Nullable String conversation,
    List<Turn> earlier,
    String prompt,
    boolean chat,
    boolean streamed,
    boolean withUsage) {

  /** What was asked and answered before. */
  public record Turn(String prompt, String answer) {
    @Override
    public String toString() {
      return "Turn[redacted]";
    }
  }

  @Override
  public String toString() {
    return "PlannedRequest[id=%s, user=%s, chat=%s, streamed=%s]"
        .formatted(id, user, chat, streamed);
  }
}
