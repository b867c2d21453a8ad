package io.serin.router.access;

import java.util.List;

/**
 * Someone whom a token of the admin port names.
 *
 * @param who for the log
 * @param mayChange whether she may force a rollout to control, not only look
 */
public record Operator(String who, boolean mayChange) {

  /**
   * Reads {@code ROLE NAME}; the role is viewer or operator.
   *
   * @throws IllegalArgumentException with the rule
   */
  static Operator read(List<String> words) {
    if (words.size() != 2) {
      throw new IllegalArgumentException("must be ROLE NAME TOKEN, without blanks in them");
    }
    return switch (words.getFirst()) {
      case "viewer" -> new Operator(words.getLast(), false);
      case "operator" -> new Operator(words.getLast(), true);
      default ->
          throw new IllegalArgumentException(
              "role is '" + words.getFirst() + "', must be viewer or operator");
    };
  }
}
