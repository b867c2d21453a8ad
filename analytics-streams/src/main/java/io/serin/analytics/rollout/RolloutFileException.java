package io.serin.analytics.rollout;

/** A rollout file that cannot be applied: which line and field, and the rule that is broken. */
public final class RolloutFileException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final String field;

  public RolloutFileException(int line, String field, String message) {
    super(message);
    this.line = line;
    this.field = field;
  }

  /** Line of the file, from 1; 0 where the file as a whole is meant. */
  public int line() {
    return line;
  }

  /** Path of the field: {@code stages[1].weight}; empty where the file as a whole is meant. */
  public String field() {
    return field;
  }

  /** Line, field, value and rule in one sentence. */
  @Override
  public String getMessage() {
    String message = String.valueOf(super.getMessage());
    return line == 0 ? message : "line " + line + ": " + message;
  }
}
