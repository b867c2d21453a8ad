package io.serin.analytics.api;

/** What a caller may do. */
enum Role {
  /** Look. */
  VIEWER,
  /** Look, apply files and act. */
  OPERATOR;

  boolean may(Role needed) {
    return compareTo(needed) >= 0;
  }
}
