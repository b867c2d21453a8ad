package io.serin.analytics.api;

import io.serin.rollout.RolloutFileException;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered with an error, always of one shape: {@code {"error": {"status",
 * "message", "field"?, "line"?, "value"?, "rule"?}}}.
 */
final class ApiError extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final @Nullable String field;
  private final int line;
  private final @Nullable String value;
  private final @Nullable String rule;

  ApiError(int status, String message) {
    this(status, message, null, 0, null, null);
  }

  /**
   * @param line of the file that was sent, from 1; 0 where none is meant
   */
  ApiError(int status, String message, @Nullable String field, int line) {
    this(status, message, field, line, null, null);
  }

  private ApiError(
      int status,
      String message,
      @Nullable String field,
      int line,
      @Nullable String value,
      @Nullable String rule) {
    super(message);
    this.status = status;
    this.field = field;
    this.line = line;
    this.value = value;
    this.rule = rule;
  }

  /** A field of the request that breaks a rule. */
  static ApiError of(int status, String field, @Nullable Object value, String rule) {
    String shown = value == null ? null : value.toString();
    return new ApiError(
        status,
        field + (shown == null ? " is missing: " : " is " + shown + ": ") + rule,
        field,
        0,
        shown,
        rule);
  }

  /** A rollout file that cannot be applied. */
  static ApiError of(RolloutFileException e) {
    return new ApiError(
        400,
        String.valueOf(e.getMessage()),
        e.field().isEmpty() ? null : e.field(),
        e.line(),
        e.value(),
        e.rule());
  }

  int status() {
    return status;
  }

  @Nullable String field() {
    return field;
  }

  /** Line of the file that was sent, from 1; 0 where none is meant. */
  int line() {
    return line;
  }

  @Nullable String value() {
    return value;
  }

  @Nullable String rule() {
    return rule;
  }
}
