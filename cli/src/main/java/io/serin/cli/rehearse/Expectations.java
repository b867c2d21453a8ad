package io.serin.cli.rehearse;

import io.serin.rehearsal.fault.ModelFault;
import io.serin.rehearsal.report.Expectation;
import java.util.Locale;

/** What a rehearsal is expected to end with: as it is asked for, or as the guards are set. */
final class Expectations {

  private Expectations() {}

  /**
   * Reads the value of {@code --expect}.
   *
   * @throws IllegalArgumentException naming the value and the rule
   */
  static Expectation parse(String wanted) {
    return switch (wanted.toLowerCase(Locale.ROOT)) {
      case "rollback" -> Expectation.ROLLBACK;
      case "promote" -> Expectation.PROMOTE;
      case "hold" -> Expectation.HOLD;
      case "flag" -> Expectation.FLAG;
      case "investigate" -> Expectation.INVESTIGATE;
      case "any" -> Expectation.ANY;
      default ->
          throw new IllegalArgumentException(
              "--expect: '"
                  + wanted
                  + "' must be rollback, promote, hold, flag, investigate or any");
    };
  }

  /** What guards are for: the default ones flag tokens and refusals, all others roll back. */
  static Expectation of(ModelFault fault, boolean strict) {
    return switch (fault) {
      case ModelFault.Tokens _ -> strict ? Expectation.ROLLBACK : Expectation.FLAG;
      case ModelFault.Refusals _ -> strict ? Expectation.ROLLBACK : Expectation.INVESTIGATE;
      // No guard of live traffic reads JSON; the pairs of a shadow stage do.
      case ModelFault.BrokenJson _ -> Expectation.ANY;
      case ModelFault.Errors _,
          ModelFault.Slow _,
          ModelFault.Empty _,
          ModelFault.CutStream _,
          ModelFault.Hang _,
          ModelFault.Feedback _ ->
          Expectation.ROLLBACK;
    };
  }
}
