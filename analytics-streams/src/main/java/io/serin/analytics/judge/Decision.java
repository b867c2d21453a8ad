package io.serin.analytics.judge;

/** What a guard decides, named as on serin.verdicts. */
public enum Decision {
  ROLLBACK,
  FREEZE,
  FLAG,
  INVESTIGATE,
  /** Too little evidence to pass, none to fail: the text says how much more it needs. */
  CONTINUE,
  /** The promotion gate holds. */
  PROMOTE,
  /** The deadline is over without an answer: a person decides. */
  INCONCLUSIVE,
  /** The guard's own units are split otherwise than they should be: it may not fire. */
  HOLD,
  /** Control has produced nothing that the guard could compare with. */
  NOT_APPLICABLE
}
