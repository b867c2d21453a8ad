package io.serin.openai;

/** What a client may see of a stream: takes each piece as it came, and passes on what is for it. */
@FunctionalInterface
public interface EventFilter {

  /** Receives bytes for the client; valid during the call only. */
  @FunctionalInterface
  interface Output {
    void write(byte[] bytes, int offset, int length);
  }

  /** Passes on what the client may see of one piece. */
  void pass(SseEvent event, Output out);
}
