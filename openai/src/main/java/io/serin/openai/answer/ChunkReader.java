package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.serin.openai.Json;
import io.serin.openai.OpenAiError;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what the chunks of one answer, or its one body, say. One pass over each, no tree; names
 * that mean nothing here are skipped.
 */
final class ChunkReader {

  private final boolean streamed;
  private final int maxTextChars;
  private final UsageReader usage = new UsageReader();

  private @Nullable StringBuilder text;
  private @Nullable StringBuilder refusal;
  private boolean truncated;
  private @Nullable String id;
  private @Nullable String model;
  private @Nullable String finishReason;
  private @Nullable String incompleteReason;
  private int toolCalls;
  private boolean otherContent;
  private boolean any;
  private boolean recognised;
  private boolean finished;
  private @Nullable OpenAiError error;
  private @Nullable ToolCallReader calls;

  ChunkReader(boolean streamed, int maxTextChars) {
    this.streamed = streamed;
    this.maxTextChars = maxTextChars;
  }

  /**
   * Reads one chunk.
   *
   * @return why it is none, though it is JSON; null where it is one
   */
  @Nullable String read(byte[] bytes, int offset, int length, @Nullable String eventName)
      throws IOException {
    any = true;
    try (JsonParser json = Json.parser(bytes, offset, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return "not a JSON object";
      }
      String wrong = root(json, eventName);
      if (wrong == null && json.nextToken() != null) {
        return "text after the JSON object";
      }
      return wrong;
    }
  }

  /** Keeps the calls of chat completions, up to the bound of the text. */
  void keepToolCalls() {
    calls = new ToolCallReader(maxTextChars);
  }

  /** The calls that were kept; null where not all were. */
  @Nullable List<ToolCall> keptToolCalls() {
    return calls == null ? null : calls.whole(toolCalls);
  }

  boolean hasContent() {
    return text != null || refusal != null || toolCalls > 0 || otherContent;
  }

  /** True once the server said that the answer is whole. */
  boolean finished() {
    return finished;
  }

  /** True once a chunk was there, whatever it was. */
  boolean any() {
    return any;
  }

  /** True once something of an answer was there, be it an error. */
  boolean recognised() {
    return recognised;
  }

  Answer answer(boolean streamed, boolean ended, boolean unread, @Nullable String malformed) {
    return new Answer(
        streamed,
        id,
        model,
        text == null ? null : text.toString(),
        truncated || unread,
        refusal == null ? null : refusal.toString(),
        finishReason,
        toolCalls,
        otherContent || unread,
        usage.usage(),
        error,
        ended,
        malformed);
  }

  /**
   * An object of the outermost level, or one that stands for it: Anthropic's "message", OpenAI's
   * "response".
   */
  private @Nullable String root(JsonParser json, @Nullable String eventName) throws IOException {
    String type = eventName;
    String object = null;
    String message = null;
    String code = null;
    String wrong = null;
    while (json.nextToken() == JsonToken.FIELD_NAME && wrong == null) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "id" -> id = id == null ? string(json) : id;
        case "model" -> model = model == null ? string(json) : model;
        case "object" -> object = string(json);
        case "message" -> {
          if (value == JsonToken.START_OBJECT) {
            wrong = root(json, null);
          } else {
            message = string(json);
          }
        }
        case "code" -> code = scalar(json);
        case "choices" -> wrong = choices(json);
        case "usage" -> usage.read(json);
        case "timings" -> usage.timings(json);
        case "tokens_predicted", "tokens_evaluated", "tokens_cached" -> usage.flat(json, name);
        case "x_groq" -> usage.inside(json);
        case "error" -> error(json);
        case "type" -> {
          if (value == JsonToken.VALUE_STRING) {
            type = json.getText();
            typed(type);
          } else {
            json.skipChildren();
          }
        }
        case "content" -> content(json);
        case "content_block" -> part(json);
        case "item" -> {
          if ("response.output_item.added".equals(type)) {
            part(json);
          } else {
            json.skipChildren();
          }
        }
        case "delta" -> delta(json, type);
        case "stop_reason" -> stopReason(json);
        case "stop" -> stop(json);
        case "stop_type" -> llamaStopType(json);
        case "stopped_limit" -> limited(json);
        case "response" -> {
          if (value == JsonToken.START_OBJECT) {
            wrong = root(json, null);
          } else {
            json.skipChildren();
          }
        }
        case "status" -> status(json);
        case "incomplete_details" -> incompleteDetails(json);
        case "output" -> output(json, type);
        case "data" -> {
          recognised |= value == JsonToken.START_ARRAY;
          otherContent |= arrayHasElements(json);
        }
        default -> json.skipChildren();
      }
    }
    if (wrong == null
        && error == null
        && message != null
        && ("error".equals(object) || "error".equals(type) || "error".equals(eventName))) {
      recognised = true;
      error = new OpenAiError(message, type == null ? "error" : type, null, code, 0);
    }
    return wrong;
  }

  private void typed(String type) {
    switch (type) {
      case "message_stop", "response.completed", "response.incomplete" -> {
        recognised = true;
        finished = true;
      }
      case "message",
          "message_start",
          "message_delta",
          "content_block_start",
          "content_block_delta",
          "ping" ->
          recognised = true;
      default -> recognised |= type.startsWith("response.");
    }
  }

  private @Nullable String choices(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      return "choices is not an array";
    }
    recognised = true;
    int position = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        return "a choice is not an object";
      }
      String wrong = choice(json, position++);
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private @Nullable String choice(JsonParser json, int position) throws IOException {
    int index = position;
    int textBefore = text == null ? 0 : text.length();
    String finish = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "index" -> index = value == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() : index;
        case "text" -> {
          if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NULL) {
            return "text is not a string";
          }
          append(json);
        }
        case "delta", "message" -> {
          if (value == JsonToken.VALUE_NULL) {
            continue;
          }
          if (value != JsonToken.START_OBJECT) {
            return name + " is not an object";
          }
          String wrong = message(json);
          if (wrong != null) {
            return wrong;
          }
        }
        case "finish_reason" -> finish = string(json);
        default -> json.skipChildren();
      }
    }
    // The index may come after the text, as it does in OpenAI's completions: take back what is not
    // the first choice's.
    if (index != 0) {
      if (text != null && text.length() > textBefore) {
        text.setLength(textBefore);
        text = textBefore == 0 ? null : text;
        otherContent = true;
      }
    } else if (finish != null && !finish.isEmpty()) {
      finishReason = finish;
      finished = true;
    }
    return null;
  }

  /** A message or a delta of one. */
  private @Nullable String message(JsonParser json) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "content" -> {
          switch (value) {
            case VALUE_STRING -> append(json);
            case VALUE_NULL -> {}
            case START_ARRAY -> content(json);
            default -> {
              return "content is not a string";
            }
          }
        }
        case "refusal" -> {
          if (value == JsonToken.VALUE_STRING && json.getTextLength() > 0) {
            refusal = append(refusal, json);
          } else {
            json.skipChildren();
          }
        }
        case "tool_calls" -> toolCalls(json);
        case "function_call" -> functionCall(json, 0);
        case "audio", "images" -> {
          otherContent |= value == JsonToken.START_OBJECT || arrayHasElements(json);
          json.skipChildren();
        }
        default -> json.skipChildren();
      }
    }
    return null;
  }

  /** Counts calls, not their deltas: only a call's first delta names its function. */
  private void toolCalls(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      int index = -1;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        boolean function = field.equals("function") || field.equals("custom");
        json.nextToken();
        if (function && json.currentToken() == JsonToken.START_OBJECT) {
          functionCall(json, index);
        } else if (field.equals("index") && json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
          index = json.getIntValue();
        } else {
          json.skipChildren();
        }
      }
    }
  }

  /**
   * A call, or a delta of one.
   *
   * @param index of the call that a delta belongs to; −1 where it names none
   */
  private void functionCall(JsonParser json, int index) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    String called = null;
    String arguments = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_STRING) {
        if (field.equals("name") && json.getTextLength() > 0) {
          toolCalls++;
          called = calls == null ? null : json.getText();
        } else if (calls != null && (field.equals("arguments") || field.equals("input"))) {
          arguments = json.getText();
        }
      }
      json.skipChildren();
    }
    if (calls != null) {
      calls.add(index, called, arguments);
    }
  }

  /**
   * A string, or parts with types: Anthropic's content, some servers' messages, llama.cpp's own
   * answer.
   */
  private void content(JsonParser json) throws IOException {
    switch (json.currentToken()) {
      case VALUE_STRING -> {
        recognised = true;
        append(json);
      }
      case START_ARRAY -> {
        while (json.nextToken() != JsonToken.END_ARRAY) {
          part(json);
        }
      }
      default -> json.skipChildren();
    }
  }

  private void part(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    boolean reasoning = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("type") && value == JsonToken.VALUE_STRING) {
        switch (json.getText()) {
          case "tool_use", "server_tool_use", "function_call", "custom_tool_call" -> toolCalls++;
          case "thinking", "reasoning" -> reasoning = true;
          // What the server's own tools did: a search, an image, a call of an MCP server.
          default -> otherContent |= json.getText().endsWith("_call");
        }
      } else if (name.equals("text") && value == JsonToken.VALUE_STRING && !reasoning) {
        append(json);
      } else if (name.equals("refusal") && value == JsonToken.VALUE_STRING) {
        refusal = append(refusal, json);
      } else if (name.equals("content") && value == JsonToken.START_ARRAY && !reasoning) {
        content(json);
      } else {
        json.skipChildren();
      }
    }
  }

  /** Anthropic's delta is an object, that of OpenAI's responses a string. */
  private void delta(JsonParser json, @Nullable String type) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      if ("response.output_text.delta".equals(type)) {
        append(json);
      } else if ("response.refusal.delta".equals(type)) {
        refusal = append(refusal, json);
      }
      return;
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    recognised = true;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("text") && value == JsonToken.VALUE_STRING) {
        append(json);
      } else if (name.equals("stop_reason")) {
        stopReason(json);
      } else {
        json.skipChildren();
      }
    }
  }

  /**
   * The items of OpenAI's responses; in a stream they repeat what the deltas said, but for the tool
   * calls.
   */
  private void output(JsonParser json, @Nullable String type) throws IOException {
    recognised |= json.currentToken() == JsonToken.START_ARRAY;
    if (text != null || refusal != null || type != null) {
      json.skipChildren();
    } else {
      content(json);
    }
  }

  private void stopReason(JsonParser json) throws IOException {
    String reason = string(json);
    if (reason != null && !reason.isEmpty()) {
      finishReason = reason;
      finished = true;
      if (reason.equals("refusal") && refusal == null) {
        // Anthropic's way to say what OpenAI says in the refusal field.
        refusal = new StringBuilder();
      }
    }
  }

  /** llama.cpp's own answer: "stop": true on the last chunk. */
  private void stop(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_TRUE) {
      finished = true;
      finishReason = finishReason == null ? "stop" : finishReason;
    } else {
      json.skipChildren();
    }
  }

  private void llamaStopType(JsonParser json) throws IOException {
    String type = string(json);
    if ("limit".equals(type)) {
      finishReason = "length";
    }
  }

  private void limited(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_TRUE) {
      finishReason = "length";
    } else {
      json.skipChildren();
    }
  }

  private void status(JsonParser json) throws IOException {
    String status = string(json);
    if (status != null && (status.equals("completed") || status.equals("incomplete"))) {
      finished = true;
      finishReason = status.equals("completed") ? "stop" : incomplete();
    } else if (!streamed && ("queued".equals(status) || "in_progress".equals(status))) {
      // A response in the background is answered before it has content: what came is its id.
      otherContent = true;
      finishReason = status;
    }
  }

  /** Why a response is incomplete, in the words of chat completions. */
  private String incomplete() {
    return "content_filter".equals(incompleteReason) ? "content_filter" : "length";
  }

  private void incompleteDetails(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean reason = json.currentName().equals("reason");
      json.nextToken();
      if (reason) {
        incompleteReason = string(json);
      } else {
        json.skipChildren();
      }
    }
    if ("length".equals(finishReason)) {
      finishReason = incomplete();
    }
  }

  private void error(JsonParser json) throws IOException {
    switch (json.currentToken()) {
      case VALUE_STRING -> {
        recognised = true;
        error = new OpenAiError(json.getText(), "error", null, null, 0);
      }
      case START_OBJECT -> {
        recognised = true;
        String message = null;
        String type = null;
        String param = null;
        String code = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          String value = scalar(json);
          switch (name) {
            case "message" -> message = value;
            case "type" -> type = value;
            case "param" -> param = value;
            case "code" -> code = value;
            default -> {}
          }
        }
        error =
            new OpenAiError(
                message == null ? "the error has no message" : message,
                type == null ? "error" : type,
                param,
                code,
                0);
      }
      default -> json.skipChildren();
    }
  }

  private void append(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING && json.getTextLength() > 0) {
      text = append(text, json);
    }
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

  /** The text of a string; null, with whatever it is skipped, for anything else. */
  private static @Nullable String string(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    json.skipChildren();
    return null;
  }

  private static @Nullable String scalar(JsonParser json) throws IOException {
    if (json.currentToken().isScalarValue() && json.currentToken() != JsonToken.VALUE_NULL) {
      return json.getText();
    }
    json.skipChildren();
    return null;
  }

  private static boolean arrayHasElements(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return false;
    }
    int elements = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      json.skipChildren();
      elements++;
    }
    return elements > 0;
  }
}
