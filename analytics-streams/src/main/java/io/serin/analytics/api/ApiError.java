package io.serin.analytics.api;

import org.jspecify.annotations.Nullable;

/** A request that is answered with an error: {@code {"error":{"message","field","line"}}}. */
final class ApiError extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final @Nullable String field;
  private final int line;

  ApiError(int status, String message) {
    this(status, message, null, 0);
  }

  /**
   * @param line of the file that was sent, from 1; 0 where none is meant
   */
  ApiError(int status, String message, @Nullable String field, int line) {
    super(message);
    this.status = status;
    this.field = field;
    this.line = line;
  }

  int status() {
    return status;
  }

  @Nullable String field() {
    return field;
  }

  int line() {
    return line;
  }
}
