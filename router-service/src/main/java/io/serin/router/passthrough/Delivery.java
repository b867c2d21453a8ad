package io.serin.router.passthrough;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.ResponseIdFilter;
import io.serin.openai.SseReader;
import io.serin.openai.answer.AnswerReader;
import io.serin.router.http.Headers;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How an answer's body reaches the client. */
sealed interface Delivery {

  /** As it comes. */
  record Plain() implements Delivery {}

  /** Event by event, with the ids of stored responses made the router's own. */
  record Events(SseReader reader, ResponseIdFilter ids) implements Delivery {

    Buffer read(byte[] piece) {
      Buffer out = Buffer.buffer(piece.length);
      reader.feed(piece, event -> ids.pass(event, out::appendBytes));
      return out;
    }

    Buffer last() {
      Buffer out = Buffer.buffer();
      reader.finish(event -> ids.pass(event, out::appendBytes));
      return out;
    }
  }

  /** As a whole at its end, with the ids of stored responses made the router's own. */
  record Whole(Buffer held, ResponseIdFilter ids) implements Delivery {}

  /**
   * How this answer is delivered.
   *
   * @param ids makes ids of stored responses the router's own; null if bodies stay as they are
   */
  static Delivery of(HttpHeaders head, @Nullable ResponseIdFilter ids) {
    String type = head.get(Headers.CONTENT_TYPE);
    if (ids == null || type == null) {
      return new Plain();
    }
    if (AnswerReader.isEventStream(type)) {
      return new Events(new SseReader(), ids);
    }
    return type.toLowerCase(Locale.ROOT).contains("json")
        ? new Whole(Buffer.buffer(), ids)
        : new Plain();
  }
}
