package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.serin.openai.SseEvent;
import io.serin.openai.SseReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer as it goes by, as an event stream or one JSON body, and says at the end what it
 * was. It understands chat completions and completions as OpenAI, vLLM and llama.cpp write them,
 * and in essence OpenAI's responses and Anthropic's messages. Each chunk is parsed once, without a
 * tree. Bounded: text beyond its bound is counted as truncated, a body beyond its bound is not
 * read. Not for several threads at once.
 */
public final class AnswerReader {

  /** Characters of text kept, where no bound is given. */
  public static final int DEFAULT_MAX_TEXT_CHARS = 1 << 18;

  /** Bytes of a JSON body read, where no bound is given. */
  public static final int DEFAULT_MAX_BODY_BYTES = 1 << 24;

  private final boolean streamed;
  private final int maxBodyBytes;
  private final ChunkReader chunks;
  private final SseReader events = new SseReader();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private boolean bodyTooLarge;
  private boolean done;
  private boolean oversized;
  private @Nullable String malformed;
  private @Nullable Answer answer;

  private AnswerReader(boolean streamed, int maxTextChars, int maxBodyBytes) {
    this.streamed = streamed;
    this.maxBodyBytes = maxBodyBytes;
    this.chunks = new ChunkReader(streamed, maxTextChars);
  }

  /** A reader of an event stream. */
  public static AnswerReader ofStream() {
    return ofStream(DEFAULT_MAX_TEXT_CHARS);
  }

  /** A reader of an event stream that keeps that many characters of text. */
  public static AnswerReader ofStream(int maxTextChars) {
    return new AnswerReader(true, maxTextChars, 0);
  }

  /** A reader of a JSON body. */
  public static AnswerReader ofBody() {
    return ofBody(DEFAULT_MAX_TEXT_CHARS, DEFAULT_MAX_BODY_BYTES);
  }

  /** A reader of a JSON body of at most that many bytes that keeps that many characters of text. */
  public static AnswerReader ofBody(int maxTextChars, int maxBodyBytes) {
    return new AnswerReader(false, maxTextChars, maxBodyBytes);
  }

  /**
   * The reader that a Content-Type calls for: text/event-stream is a stream, all else is a body.
   */
  public static AnswerReader ofContentType(@Nullable String contentType) {
    return isEventStream(contentType) ? ofStream() : ofBody();
  }

  /** True for text/event-stream, whatever its parameters. */
  public static boolean isEventStream(@Nullable String contentType) {
    return contentType != null
        && contentType.strip().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
  }

  /** Makes this keep tool calls too, for {@link #toolCalls}; before anything is fed. */
  public AnswerReader keepToolCalls() {
    chunks.answer.keepToolCalls();
    return this;
  }

  /**
   * The tool calls of a chat completion, in order; null where they were not kept, where another API
   * makes them, or where their arguments pass the bound of the text.
   */
  public @Nullable List<ToolCall> toolCalls() {
    return chunks.answer.keptToolCalls();
  }

  /** True where this reads an event stream. */
  public boolean streamed() {
    return streamed;
  }

  /** Reads the next bytes of the answer, split anywhere. */
  public void feed(byte[] bytes, int offset, int length) {
    if (streamed) {
      events.feed(bytes, offset, length, this::event);
    } else if (bodyTooLarge || body.size() + length > maxBodyBytes) {
      bodyTooLarge = true;
      body.reset();
    } else {
      body.write(bytes, offset, length);
    }
  }

  /** Reads the next bytes of the answer, split anywhere. */
  public void feed(byte[] bytes) {
    feed(bytes, 0, bytes.length);
  }

  /** Reads one event, for who cuts the stream himself; not to be mixed with {@link #feed}. */
  public void event(SseEvent event) {
    if (event.oversized()) {
      oversized = true;
      return;
    }
    if (!event.hasData() || done || malformed != null) {
      return;
    }
    if (event.isDone()) {
      done = true;
      return;
    }
    if (event.dataLength() == 0) {
      return;
    }
    String reason = read(event.data(), event.dataOffset(), event.dataLength(), event.name());
    if (event.complete()) {
      malformed = reason;
    }
    // Else the stream was cut inside an event: what is left of it is no evidence of a malformed
    // one.
  }

  /** True once text, a refusal, a tool call, reasoning or other content came. */
  public boolean hasContent() {
    return chunks.answer.hasContent();
  }

  /** True once reasoning came. */
  public boolean hasReasoning() {
    return chunks.answer.hasReasoning();
  }

  /** True once content came that a user sees: all but reasoning. */
  public boolean hasVisibleContent() {
    return chunks.answer.hasVisibleContent();
  }

  /** True once a stream said that it is whole. */
  public boolean ended() {
    return done || chunks.answer.finished();
  }

  /**
   * What a body was that is there as a whole, instead of {@link #feed} and {@link #finish()}: it is
   * read where it is.
   */
  public Answer finish(byte[] whole) {
    if (streamed || body.size() > 0) {
      feed(whole);
    } else if (whole.length > maxBodyBytes) {
      bodyTooLarge = true;
    } else if (whole.length > 0) {
      malformed = read(whole, 0, whole.length, null);
    }
    return finish();
  }

  /** What the answer was, once its last byte is read; the same when asked again. */
  public Answer finish() {
    Answer known = answer;
    if (known == null) {
      known = read();
      answer = known;
    }
    return known;
  }

  private Answer read() {
    if (streamed) {
      events.finish(this::event);
    } else if (!bodyTooLarge && body.size() > 0) {
      byte[] bytes = body.toByteArray();
      malformed = read(bytes, 0, bytes.length, null);
    }
    boolean unread = bodyTooLarge || oversized;
    // An event beyond the bound may have been the last: the stream's clean end is all that is
    // known.
    boolean ended = streamed ? ended() || oversized : malformed == null;
    if (malformed == null && ended && !unread && chunks.any() && !chunks.answer.recognised()) {
      malformed = "no choices";
    }
    return chunks.answer.build(streamed, ended, unread, malformed);
  }

  /** Why the bytes are no chunk of an answer, without quoting them; null where they are one. */
  private @Nullable String read(byte[] bytes, int offset, int length, @Nullable String eventName) {
    try {
      return chunks.read(bytes, offset, length, eventName);
    } catch (JsonProcessingException e) {
      return e.getLocation() == null
          ? "not JSON"
          : "not JSON, at byte " + e.getLocation().getByteOffset();
    } catch (IOException e) {
      // Memory does not fail: the bytes are in no encoding of JSON.
      return "not JSON";
    }
  }
}
