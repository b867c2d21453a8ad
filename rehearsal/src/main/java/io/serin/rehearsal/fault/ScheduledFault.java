package io.serin.rehearsal.fault;

import io.serin.rollout.value.Quantities;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fault of one variant and when it holds. Written {@code VARIANT:KIND[=VALUE]@WHEN[..END]}, where
 * WHEN is a time since the start of the traffic or a stage of the rollout: {@code
 * candidate:errors=30%@20s}, {@code candidate:slow=1.5x@10s..40s}, {@code
 * candidate:hang@stage:25%}, {@code candidate:hang@stage:25%+2s..10s}.
 *
 * @param stage name of the stage from whose beginning its times count; null for the traffic's
 * @param begin first moment, inclusive
 * @param end last moment, exclusive; null for ever
 */
public record ScheduledFault(
    String variant,
    ModelFault fault,
    @Nullable String stage,
    Duration begin,
    @Nullable Duration end) {

  /** The grammar, for messages and help. */
  public static final String GRAMMAR =
      "VARIANT:KIND[=VALUE]@WHEN[..END], such as candidate:errors=30%@20s or"
          + " candidate:hang@stage:25%; WHEN: a time since the traffic began, or stage:NAME[+TIME];"
          + " kinds: errors=SHARE, slow=FACTOR, tokens=FACTOR, refusals=SHARE, empty[=SHARE],"
          + " broken-json[=SHARE], cut-stream[=SHARE], hang[=SHARE], feedback=SHARE";

  private static final Pattern SPEC =
      Pattern.compile(
          "([^:=@\\s]+):([^:=@\\s]+)(?:=([^=@\\s]*))?@([^@\\s]+?)(?:\\.\\.([^@\\s]*))?");

  public ScheduledFault {
    if (begin.isNegative()) {
      throw new IllegalArgumentException(
          "fault " + fault.kind() + ": begin " + begin + " must not be negative");
    }
    if (end != null && end.compareTo(begin) <= 0) {
      throw new IllegalArgumentException(
          "fault %s: end %s must be after its begin %s"
              .formatted(fault.kind(), Quantities.text(end), Quantities.text(begin)));
    }
  }

  /**
   * Reads one specification.
   *
   * @throws IllegalArgumentException names the part, its value and the rule
   */
  public static ScheduledFault parse(String spec) {
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("fault '" + spec + "' must be " + GRAMMAR);
    }
    ModelFault fault = fault(spec, matcher.group(2), matcher.group(3));
    When begin = When.parse("fault '" + spec + "'", matcher.group(4));
    Duration end =
        matcher.group(5) == null
            ? null
            : Quantities.duration("fault '" + spec + "': END", matcher.group(5));
    return new ScheduledFault(matcher.group(1), fault, begin.stage(), begin.after(), end);
  }

  /** Whether it holds now. */
  public boolean holds(Elapsed elapsed) {
    Duration since = elapsed.since(stage);
    return since != null
        && since.compareTo(begin) >= 0
        && (end == null || since.compareTo(end) < 0);
  }

  @Override
  public String toString() {
    String until = end == null ? "" : ".." + Quantities.text(end);
    return variant
        + ":"
        + fault.kind()
        + "="
        + fault.value()
        + "@"
        + new When(stage, begin)
        + until;
  }

  private static ModelFault fault(String spec, String kind, @Nullable String value) {
    String setting = "fault '" + spec + "': " + kind;
    return switch (kind) {
      case "errors" ->
          new ModelFault.Errors(Quantities.positiveShare(setting, required(setting, value, "30%")));
      case "refusals" ->
          new ModelFault.Refusals(
              Quantities.positiveShare(setting, required(setting, value, "20%")));
      case "slow" ->
          new ModelFault.Slow(Quantities.factor(setting, required(setting, value, "1.5x")));
      case "tokens" ->
          new ModelFault.Tokens(Quantities.factor(setting, required(setting, value, "2x")));
      case "empty" ->
          new ModelFault.Empty(value == null ? 1 : Quantities.positiveShare(setting, value));
      case "broken-json" ->
          new ModelFault.BrokenJson(value == null ? 1 : Quantities.positiveShare(setting, value));
      case "cut-stream" ->
          new ModelFault.CutStream(value == null ? 1 : Quantities.positiveShare(setting, value));
      case "hang" ->
          new ModelFault.Hang(value == null ? 1 : Quantities.positiveShare(setting, value));
      case "feedback" ->
          new ModelFault.Feedback(
              Quantities.positiveShare(setting, required(setting, value, "40%")));
      default ->
          throw new IllegalArgumentException(
              ("fault '%s': KIND '%s' must be one of errors, slow, tokens, refusals, empty,"
                      + " broken-json, cut-stream, hang, feedback")
                  .formatted(spec, kind));
    };
  }

  private static String required(String setting, @Nullable String value, String example) {
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(setting + " needs a value, such as =" + example);
    }
    return value;
  }
}
