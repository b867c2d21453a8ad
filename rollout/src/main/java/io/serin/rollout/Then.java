package io.serin.rollout;

import io.serin.rollout.value.InvalidField;

/** What follows when a guard fires. */
public enum Then {
  ROLLBACK,
  FLAG,
  INVESTIGATE;

  static Then parse(String text) {
    return switch (text) {
      case "rollback" -> ROLLBACK;
      case "flag" -> FLAG;
      case "investigate" -> INVESTIGATE;
      default -> throw new InvalidField("then", text, "must be one of rollback, flag, investigate");
    };
  }
}
