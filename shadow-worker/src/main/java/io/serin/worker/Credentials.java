package io.serin.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads bearer tokens by reference: {@code env:NAME} or {@code file:PATH}, anew for each call, so
 * that a rotated file counts at once. Thread-safe; reading a file blocks.
 */
final class Credentials {
  private final Function<String, @Nullable String> environment;

  /**
   * @param environment where {@code env:NAME} is looked up; null where it is not set
   */
  Credentials(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  /**
   * The token; null where no reference is given: the client's own was never captured.
   *
   * @throws UnreachableException where the reference leads to nothing
   */
  @Nullable String token(@Nullable String reference) throws UnreachableException {
    if (reference == null || reference.isBlank()) {
      return null;
    }
    String token = secret(reference);
    if (token == null || token.isBlank()) {
      throw new UnreachableException(
          "credential is \""
              + reference
              + "\": it must be env:NAME or file:PATH, and lead to a token");
    }
    return token.strip();
  }

  /** What a reference leads to; null where it leads to nothing. */
  @Nullable String secret(String reference) {
    if (reference.startsWith("env:")) {
      return environment.apply(reference.substring("env:".length()));
    }
    return reference.startsWith("file:") ? read(reference.substring("file:".length())) : null;
  }

  private static @Nullable String read(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }
}
