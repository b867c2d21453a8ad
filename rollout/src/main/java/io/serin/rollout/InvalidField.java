package io.serin.rollout;

/** A value that a record of the rollout file refuses. The reader adds the line. */
final class InvalidField extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;

  InvalidField(String field, Object value, String rule) {
    super(field + " is " + value + ": " + rule);
    this.field = field;
  }

  String field() {
    return field;
  }
}
