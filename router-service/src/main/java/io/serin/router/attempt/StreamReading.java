package io.serin.router.attempt;

import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.openai.SseEvent;
import io.serin.openai.SseReader;
import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads an event stream while it passes: what it says, and what of it the client may see. The bytes
 * of its last event are kept apart, because they may leave only when the evidence is written.
 * Confined to its event loop.
 */
final class StreamReading {

  private static final int MAX_EVENT_BYTES = 16 << 20;

  private final Endpoint endpoint;
  private final EventFilter filter;
  private final AnswerReader reader;
  private final Received received;
  private final SseReader events;
  private int held;
  private @Nullable Buffer last;

  StreamReading(Call call, Received received) {
    this.events = new SseReader(SseReader.DEFAULT_MAX_EVENT_BYTES, this::mayHold);
    this.endpoint = call.endpoint();
    this.filter = call.filter();
    this.reader = AnswerReader.ofStream(call.keptTextChars());
    this.received = received;
  }

  /** An event of several MB, such as an image's, is read while the router has memory for it. */
  private boolean mayHold(int bytes) {
    int more = bytes - held;
    if (bytes > MAX_EVENT_BYTES || (more > 0 && !received.takes(more))) {
      return false;
    }
    held = Math.max(held, bytes);
    return true;
  }

  /** Reads bytes, split anywhere, and adds what the client may see. */
  void feed(byte[] piece, Buffer out) {
    events.feed(piece, event -> take(event, out));
  }

  /** Reads what is left at the end of the connection, and adds what the client may see. */
  void finish(Buffer out) {
    events.finish(event -> take(event, out));
  }

  private void take(SseEvent event, Buffer out) {
    if (last != null) {
      return;
    }
    reader.event(event);
    if (endpoint.ends(event)) {
      Buffer bytes = Buffer.buffer();
      filter.pass(event, bytes::appendBytes);
      last = bytes;
      return;
    }
    if (reader.hasContent() && event.hasData()) {
      received.contentEvent(reader.hasReasoning(), reader.hasVisibleContent());
    }
    filter.pass(event, out::appendBytes);
  }

  /** Whether the stream said that it is complete. */
  boolean complete() {
    return last != null;
  }

  /** What the client may see of the last event. */
  Buffer last() {
    Buffer bytes = last;
    return bytes == null ? Buffer.buffer() : bytes;
  }

  /** What the answer was, as far as it was read. */
  Answer answer() {
    return reader.finish();
  }
}
