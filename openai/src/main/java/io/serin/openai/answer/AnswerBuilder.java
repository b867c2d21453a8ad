package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.serin.openai.OpenAiError;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an answer so far. Every dialect writes here, in the words of chat completions.
 * Text and refusal are bounded; what passes the bound is counted as truncated.
 */
final class AnswerBuilder {

  final UsageReader usage = new UsageReader();
  private final int maxTextChars;

  private @Nullable StringBuilder text;
  private @Nullable StringBuilder refusal;
  private boolean truncated;
  private @Nullable String id;
  private @Nullable String model;
  private @Nullable String systemFingerprint;
  private @Nullable String finishReason;
  private int toolCalls;
  private boolean otherContent;
  private boolean reasoned;
  private boolean recognised;
  private boolean finished;
  private @Nullable OpenAiError error;
  private @Nullable ToolCallReader calls;

  AnswerBuilder(int maxTextChars) {
    this.maxTextChars = maxTextChars;
  }

  /** The first id stands. */
  void id(@Nullable String value) {
    id = id == null ? value : id;
  }

  /** The first model stands. */
  void model(@Nullable String value) {
    model = model == null ? value : model;
  }

  /** The newest system fingerprint stands: some servers leave it out of their first chunk. */
  void systemFingerprint(@Nullable String value) {
    systemFingerprint = value == null ? systemFingerprint : value;
  }

  /** Something of an answer came, be it an error. */
  void recognise() {
    recognised = true;
  }

  /** The server said that the answer is whole. */
  void finish() {
    finished = true;
  }

  /** Why the answer ends, in the words of chat completions; the newest stands. */
  void finishReason(String reason) {
    finishReason = reason;
  }

  @Nullable String finishReason() {
    return finishReason;
  }

  void error(OpenAiError found) {
    recognised = true;
    error = found;
  }

  boolean hasError() {
    return error != null;
  }

  /** Reasoning came: content that a user need not see. */
  void reasoning() {
    reasoned = true;
  }

  boolean hasReasoning() {
    return reasoned;
  }

  /** Content that is neither text nor a call: audio, an image. */
  void otherContent() {
    otherContent = true;
  }

  /** Appends the parser's string to the text; any other value is ignored. */
  void text(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING && json.getTextLength() > 0) {
      text = append(text, json);
    }
  }

  int textLength() {
    return text == null ? 0 : text.length();
  }

  /** Takes text back that turned out to belong to another choice than the first. */
  void cutTextTo(int length) {
    if (text != null && text.length() > length) {
      text.setLength(length);
      text = length == 0 ? null : text;
      otherContent = true;
    }
  }

  /** Appends the parser's string to the refusal. */
  void refusal(JsonParser json) throws IOException {
    refusal = append(refusal, json);
  }

  /** The answer is a refusal, whatever its text says. */
  void refuse() {
    refusal = refusal == null ? new StringBuilder() : refusal;
  }

  boolean hasTextOrRefusal() {
    return text != null || refusal != null;
  }

  /** A tool call began. */
  void toolCall() {
    toolCalls++;
  }

  /** Keeps the calls of chat completions, up to the bound of the text. */
  void keepToolCalls() {
    calls = new ToolCallReader(maxTextChars);
  }

  boolean keepsToolCalls() {
    return calls != null;
  }

  /** A piece of a call, as {@link ToolCallReader#add} takes it. */
  void toolCallPiece(int index, @Nullable String name, @Nullable String arguments) {
    if (calls != null) {
      calls.add(index, name, arguments);
    }
  }

  /** The calls that were kept, or null when not all were. */
  @Nullable List<ToolCall> keptToolCalls() {
    return calls == null ? null : calls.whole(toolCalls);
  }

  boolean hasContent() {
    return reasoned || hasVisibleContent();
  }

  boolean hasVisibleContent() {
    return text != null || refusal != null || toolCalls > 0 || otherContent;
  }

  boolean finished() {
    return finished;
  }

  boolean recognised() {
    return recognised;
  }

  /**
   * The answer.
   *
   * @param ended whether it came whole
   * @param unread whether a part passed a bound and was not read
   * @param malformed why the bytes are not an answer, or null
   */
  Answer build(boolean streamed, boolean ended, boolean unread, @Nullable String malformed) {
    return new Answer(
        streamed,
        id,
        model,
        systemFingerprint,
        text == null ? null : text.toString(),
        truncated || unread,
        refusal == null ? null : refusal.toString(),
        finishReason,
        toolCalls,
        otherContent || reasoned || unread,
        usage.usage(),
        error,
        ended,
        malformed);
  }

  private StringBuilder append(@Nullable StringBuilder to, JsonParser json) throws IOException {
    StringBuilder builder = to == null ? new StringBuilder() : to;
    int length = json.getTextLength();
    int room = maxTextChars - builder.length();
    if (length > room) {
      truncated = true;
      length = Math.max(0, room);
    }
    builder.append(json.getTextCharacters(), json.getTextOffset(), length);
    return builder;
  }
}
