package io.serin.rollout.value;

/**
 * A value that breaks a rule: "FIELD is VALUE: RULE". A reader of files adds where the field
 * stands.
 */
public final class InvalidField extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String value;
  private final String rule;

  public InvalidField(String field, Object value, String rule) {
    super(field + " is " + value + ": " + rule);
    this.field = field;
    this.value = String.valueOf(value);
    this.rule = rule;
  }

  public String field() {
    return field;
  }

  /** The value as a message may show it. */
  public String value() {
    return value;
  }

  public String rule() {
    return rule;
  }
}
