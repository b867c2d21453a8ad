package io.serin.rehearsal.drive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Judges whether the body of a 2xx answer is whole, as it arrives: JSON with a choice that has
 * text, or a stream whose events are JSON, that has text and a finish reason, and ends with [DONE].
 * Keeps no text of a stream. Not thread-safe.
 */
final class AnswerCheck {

  /** The finding. */
  record Finding(ClientOutcome outcome, @Nullable String detail) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final boolean chat;
  private final boolean streamed;
  private final boolean withUsage;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private boolean text;
  private boolean finished;
  private boolean usage;
  private boolean done;
  private @Nullable Finding wrong;
  private String id = "";

  AnswerCheck(boolean chat, boolean streamed, boolean withUsage) {
    this.chat = chat;
    this.streamed = streamed;
    this.withUsage = withUsage;
  }

  void feed(byte[] bytes) {
    if (!streamed) {
      pending.writeBytes(bytes);
      return;
    }
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        pending.write(bytes, from, i - from);
        line(pending.toString(StandardCharsets.UTF_8).strip());
        pending.reset();
        from = i + 1;
      }
    }
    pending.write(bytes, from, bytes.length - from);
  }

  /** Called once, when the answer ended without the connection being lost. */
  Finding finish() {
    if (!streamed) {
      return whole();
    }
    if (wrong != null) {
      return wrong;
    }
    if (!done) {
      return new Finding(ClientOutcome.CUT, "the stream ended without [DONE]");
    }
    if (!text) {
      return new Finding(ClientOutcome.EMPTY, "the stream has no text");
    }
    if (!finished) {
      return new Finding(ClientOutcome.MALFORMED, "the stream has no finish_reason");
    }
    if (withUsage && !usage) {
      return new Finding(
          ClientOutcome.MALFORMED, "the stream has no usage though it was asked for");
    }
    return new Finding(ClientOutcome.OK, null);
  }

  /** The answer's id as far as it came; empty where it has none. */
  String id() {
    return id;
  }

  private void line(String line) {
    if (wrong != null || !line.startsWith("data:")) {
      return;
    }
    String data = line.substring("data:".length()).strip();
    if (data.equals("[DONE]")) {
      done = true;
      return;
    }
    if (done) {
      wrong = new Finding(ClientOutcome.MALFORMED, "an event came after [DONE]");
      return;
    }
    JsonNode event;
    try {
      event = JSON.readTree(data);
    } catch (JsonProcessingException e) {
      wrong = new Finding(ClientOutcome.MALFORMED, "an event is not JSON");
      return;
    }
    if (event.has("error")) {
      wrong = new Finding(ClientOutcome.CUT, "the stream contained an error");
      return;
    }
    id = event.path("id").asText(id);
    usage |= event.path("usage").isObject();
    JsonNode choice = event.path("choices").path(0);
    JsonNode piece = chat ? choice.path("delta").path("content") : choice.path("text");
    text |= !piece.asText("").isEmpty();
    finished |= choice.path("finish_reason").isTextual();
  }

  private Finding whole() {
    JsonNode root;
    try {
      root = JSON.readTree(pending.toString(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      return new Finding(ClientOutcome.MALFORMED, "the body is not JSON");
    }
    id = root.path("id").asText("");
    JsonNode choice = root.path("choices").path(0);
    if (!choice.isObject()) {
      return new Finding(ClientOutcome.MALFORMED, "the body has no choice");
    }
    JsonNode said = chat ? choice.path("message").path("content") : choice.path("text");
    if (said.asText("").isEmpty()) {
      return new Finding(ClientOutcome.EMPTY, "the answer has no text");
    }
    return new Finding(ClientOutcome.OK, null);
  }
}
