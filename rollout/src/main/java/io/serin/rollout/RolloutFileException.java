package io.serin.rollout;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A rollout file that cannot be applied: which line and field, and the rule that is broken. */
public final class RolloutFileException extends Exception {
  private static final long serialVersionUID = 1L;

  /** How the reader and the records say it: FIELD is VALUE: RULE. */
  private static final Pattern SENTENCE =
      Pattern.compile("\\S+ (?:is|are) (?<value>.*?): (?<rule>.*)", Pattern.DOTALL);

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

  /** The value that breaks the rule; null where no single value does. */
  public @Nullable String value() {
    Matcher matcher = SENTENCE.matcher(String.valueOf(super.getMessage()));
    return matcher.matches() ? matcher.group("value") : null;
  }

  /** The rule that is broken. */
  public String rule() {
    String message = String.valueOf(super.getMessage());
    Matcher matcher = SENTENCE.matcher(message);
    return matcher.matches() ? matcher.group("rule") : message;
  }

  /** Line, field, value and rule in one sentence. */
  @Override
  public String getMessage() {
    String message = String.valueOf(super.getMessage());
    return line == 0 ? message : "line " + line + ": " + message;
  }
}
