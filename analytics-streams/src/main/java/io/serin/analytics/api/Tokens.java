package io.serin.analytics.api;

import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may call the control API: bearer tokens from a file, one a line, {@code ROLE NAME TOKEN}, as
 * {@link KeyFile} reads it. The role is viewer or operator; the name is what the audit says.
 * Thread-safe.
 */
public final class Tokens {

  /**
   * Someone whom a token names.
   *
   * @param who for the audit
   */
  record Caller(String who, Role role) {}

  private final @Nullable KeyFile<Operator> file;

  private Tokens(@Nullable KeyFile<Operator> file) {
    this.file = file;
  }

  /** Nobody needs a token. */
  public static Tokens none() {
    return new Tokens(null);
  }

  /**
   * Tokens of a file.
   *
   * @throws IllegalArgumentException naming line and rule, where the file is wrong
   */
  public static Tokens of(Path file) {
    return of(file, System::nanoTime);
  }

  static Tokens of(Path file, LongSupplier nanoTime) {
    return new Tokens(new KeyFile<>("tokens", file, Operator::read, nanoTime));
  }

  /** Whether a token is needed at all. */
  public boolean needed() {
    return file != null;
  }

  /** Who sent this Authorization header; null where nobody is known by it. */
  @Nullable Caller caller(@Nullable String authorization) {
    Operator known = file == null ? null : file.owner(Operator.bearer(authorization));
    return known == null
        ? null
        : new Caller(known.who(), known.mayChange() ? Role.OPERATOR : Role.VIEWER);
  }
}
