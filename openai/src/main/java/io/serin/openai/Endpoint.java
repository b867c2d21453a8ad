package io.serin.openai;

import org.jspecify.annotations.Nullable;

/** An operation of OpenAI's API, or Anthropic's messages, that a request asks for. */
public enum Endpoint {
  CHAT_COMPLETIONS("chat.completions", "/chat/completions"),
  COMPLETIONS("completions", "/completions"),
  EMBEDDINGS("embeddings", "/embeddings"),
  RESPONSES("responses", "/responses"),
  MESSAGES("messages", "/messages");

  private final String id;
  private final String path;

  Endpoint(String id, String path) {
    this.id = id;
    this.path = path;
  }

  /** The name in records: chat.completions, completions … */
  public String id() {
    return id;
  }

  /** The path below the base URL, which ends in /v1. */
  public String path() {
    return path;
  }

  /**
   * True where a stream gives its usage only when {@code stream_options.include_usage} asks for it.
   */
  public boolean hasStreamOptions() {
    return switch (this) {
      case CHAT_COMPLETIONS, COMPLETIONS -> true;
      case EMBEDDINGS, RESPONSES, MESSAGES -> false;
    };
  }

  /**
   * True where this event is a stream's last: [DONE], or what takes its place in OpenAI's responses
   * and Anthropic's messages.
   */
  public boolean ends(SseEvent event) {
    if (event.isDone()) {
      return true;
    }
    String name = event.name();
    return switch (this) {
      case CHAT_COMPLETIONS, COMPLETIONS, EMBEDDINGS -> false;
      case RESPONSES ->
          name != null
              && switch (name) {
                case "response.completed", "response.incomplete", "response.failed" -> true;
                default -> false;
              };
      case MESSAGES -> "message_stop".equals(name);
    };
  }

  /** The endpoint of a path such as /v1/chat/completions; null for any other path. */
  public static @Nullable Endpoint ofPath(String path) {
    if (!path.startsWith("/v1/")) {
      return null;
    }
    for (Endpoint endpoint : values()) {
      if (path.length() == endpoint.path.length() + 3 && path.endsWith(endpoint.path)) {
        return endpoint;
      }
    }
    return null;
  }

  /** The endpoint of a record's name; null where it is none. */
  public static @Nullable Endpoint ofId(String id) {
    for (Endpoint endpoint : values()) {
      if (endpoint.id.equals(id)) {
        return endpoint;
      }
    }
    return null;
  }
}
