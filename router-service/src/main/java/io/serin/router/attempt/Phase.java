package io.serin.router.attempt;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.serin.modelcalls.Server;
import io.serin.openai.answer.AnswerReader;
import io.serin.router.http.Head;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where an attempt stands; {@link Attempt} draws the machine. */
sealed interface Phase {

  /** No server was asked yet. */
  record Unsent() implements Phase {

    Connecting asks(Server server) {
      return new Connecting(server, false);
    }
  }

  /**
   * A server was asked; nothing of its answer is there.
   *
   * @param again whether this is the second request to it, after an idle connection was lost
   */
  record Connecting(Server server, boolean again) implements Phase {

    Connecting asksAgain() {
      return new Connecting(server, true);
    }

    Connecting asks(Server other) {
      return new Connecting(other, false);
    }

    /** The head of the answer is there: a stream waits for content, anything else is held. */
    Phase answered(Head head, Call call, Received received, int maxAnswerBytes) {
      if (!head.isOk()) {
        return new Holding(server, head, null);
      }
      return isStream(head.headers().get(HttpHeaderNames.CONTENT_TYPE), call)
          ? new Waiting(server, head, new StreamReading(call, received))
          : new Holding(server, head, AnswerReader.ofBody(call.keptTextChars(), maxAnswerBytes));
    }
  }

  /**
   * Some servers and proxies leave the type of a stream that was asked for out, or call it text.
   */
  private static boolean isStream(@Nullable String type, Call call) {
    return AnswerReader.isEventStream(type)
        || (call.wantsStream()
            && (type == null || type.strip().toLowerCase(Locale.ROOT).startsWith("text/plain")));
  }

  /** A stream's head is there; its events are held until the first that has content. */
  record Waiting(Server server, Head head, StreamReading reading) implements Phase {

    Streaming begins() {
      return new Streaming(server, head, reading, false);
    }
  }

  /** A body is held as a whole; the reader is null for an error's. */
  record Holding(Server server, Head head, @Nullable AnswerReader reader) implements Phase {}

  /**
   * A stream's bytes go to the client.
   *
   * @param paused whether the client is slow, so that nothing is read
   */
  record Streaming(Server server, Head head, StreamReading reading, boolean paused)
      implements Phase {

    Streaming paused(boolean on) {
      return new Streaming(server, head, reading, on);
    }
  }

  /** Nothing follows. */
  record Ended(@Nullable Server server) implements Phase {}

  /** The end, from any phase. */
  default Ended ends() {
    return new Ended(asked());
  }

  /** The server that is asked, or was asked last; null before the first. */
  default @Nullable Server asked() {
    return switch (this) {
      case Unsent() -> null;
      case Connecting connecting -> connecting.server();
      case Waiting waiting -> waiting.server();
      case Holding holding -> holding.server();
      case Streaming streaming -> streaming.server();
      case Ended ended -> ended.server();
    };
  }

  /** What the server answered; null before. */
  default @Nullable Head answered() {
    return switch (this) {
      case Unsent _, Connecting _, Ended _ -> null;
      case Waiting waiting -> waiting.head();
      case Holding holding -> holding.head();
      case Streaming streaming -> streaming.head();
    };
  }

  /** Reads the stream; null if there is none. */
  default @Nullable StreamReading stream() {
    return switch (this) {
      case Unsent _, Connecting _, Holding _, Ended _ -> null;
      case Waiting waiting -> waiting.reading();
      case Streaming streaming -> streaming.reading();
    };
  }
}
