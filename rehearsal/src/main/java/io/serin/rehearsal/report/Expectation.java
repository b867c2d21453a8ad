package io.serin.rehearsal.report;

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
  ANY
}
