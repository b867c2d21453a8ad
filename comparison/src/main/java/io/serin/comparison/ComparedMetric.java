package io.serin.comparison;

import java.util.Locale;

/** What two models are compared by. */
public enum ComparedMetric {
  // Events: a pair has it on one side, on both, on neither, or is not of the kind that could.
  FAILED(Kind.EVENT, true, "no answer: an error, a timeout or a cut stream"),
  EMPTY(Kind.EVENT, true, "an answer of nothing"),
  REFUSED(Kind.EVENT, true, "declines and does nothing else"),
  REFUSED_PARTLY(Kind.EVENT, false, "declines a part, or lacks the means"),
  JSON_BROKEN(Kind.EVENT, true, "is not JSON where JSON was asked for, or the other side gave it"),
  SCHEMA_BROKEN(Kind.EVENT, true, "does not keep to the JSON Schema that was asked for"),
  TOOL_MISSING(Kind.EVENT, true, "calls no tool where the other side does"),
  TOOL_BROKEN(Kind.EVENT, true, "calls a tool with arguments that are not a JSON object"),
  OTHER_LANGUAGE(Kind.EVENT, true, "is not in the question's language"),
  CUT_SHORT(Kind.EVENT, true, "ended because its length was used up"),
  OTHER_MEANING(
      Kind.EVENT,
      true,
      "is less alike in meaning than asked for; control's is that of itself, asked again"),
  JUDGED_WORSE(Kind.EVENT, true, "is the worse answer, says a judge model in both orders"),
  FENCE_OPEN(Kind.EVENT, true, "opens a code block and never closes it"),
  CODE_BLOCK(Kind.EVENT, false, "holds a code block"),
  LIST(Kind.EVENT, false, "holds a list"),
  HEADING(Kind.EVENT, false, "holds a heading"),
  BOLD(Kind.EVENT, false, "holds bold text"),
  TABLE(Kind.EVENT, false, "holds a table"),
  // Ratios: candidate over control, where both answered and both are above 0.
  LATENCY(Kind.RATIO, true, "until the answer's end"),
  TTFT(Kind.RATIO, true, "until the first token"),
  TOKENS(Kind.RATIO, false, "completion tokens"),
  LENGTH(Kind.RATIO, false, "characters of the answer");

  /** How a metric is compared. */
  public enum Kind {
    /** Happens or not: McNemar on the pairs that differ. */
    EVENT,
    /** A positive number: log ratio. */
    RATIO
  }

  private final Kind kind;
  private final boolean worse;
  private final String about;

  ComparedMetric(Kind kind, boolean worse, String about) {
    this.kind = kind;
    this.worse = worse;
    this.about = about;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether more of it is worse; where not, a difference is told, and its value is for people. */
  public boolean moreIsWorse() {
    return worse;
  }

  public String about() {
    return about;
  }

  /** As in JSON and options: refused-partly. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
