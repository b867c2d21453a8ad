package io.serin.schemas.http;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A person or program that a token of an operators' port names.
 *
 * @param who for the audit and the log
 * @param mayChange whether the role is operator; a viewer only looks
 */
public record Operator(String who, boolean mayChange) {

  /**
   * The tokens of a file: lines of {@code ROLE NAME TOKEN}.
   *
   * @param setting names the file in messages
   * @throws IllegalArgumentException naming setting, line and rule, where the file is wrong
   */
  public static KeyFile<Operator> tokens(String setting, Path file) {
    return new KeyFile<>(setting, file, Operator::read, System::nanoTime);
  }

  /** The token of an Authorization header; null where it carries none. */
  public static @Nullable String bearer(@Nullable String authorization) {
    String scheme = "bearer ";
    return authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(scheme)
        ? null
        : authorization.substring(scheme.length()).strip();
  }

  /**
   * Reads {@code ROLE NAME}; the role is viewer or operator.
   *
   * @throws IllegalArgumentException with the rule
   */
  public static Operator read(List<String> words) {
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
