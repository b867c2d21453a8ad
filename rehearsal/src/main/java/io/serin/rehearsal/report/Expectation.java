package io.serin.rehearsal.report;

import io.serin.schemas.EventKind;
import org.jspecify.annotations.Nullable;

/** What a rehearsal is expected to end with. */
public enum Expectation {
  /** The candidate was taken out, after its first bad answer where a fault was rehearsed. */
  ROLLBACK,
  /** The candidate got all traffic for good. */
  PROMOTE,
  /** Neither: the candidate still has its share. */
  HOLD,
  /** A guard flagged the candidate, which was not taken out. */
  FLAG,
  /** A guard asked people to investigate the candidate, which was not taken out. */
  INVESTIGATE,
  /** Whatever comes. */
  ANY;

  /** The event that fulfils it; null where a change of the split does. */
  public @Nullable EventKind event() {
    return switch (this) {
      case FLAG -> EventKind.FLAGGED;
      case INVESTIGATE -> EventKind.INVESTIGATE;
      case ROLLBACK, PROMOTE, HOLD, ANY -> null;
    };
  }
}
