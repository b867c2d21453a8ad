package io.serin.modelcalls;

import io.serin.schemas.secret.SecretReader;
import io.serin.schemas.secret.SecretReader.Secret;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What authorizes a call of a model server, read by reference as {@link SecretReader} says.
 * Thread-safe; reading a file blocks.
 */
public final class Credentials {

  /** What can stand in a header's value. */
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\t\\x20-\\x7e]+");

  private final SecretReader secrets;

  private Credentials(SecretReader secrets) {
    this.secrets = secrets;
  }

  /**
   * @param environment where {@code env:NAME} is looked up; null where a name is not set
   * @param folder below which {@code file:PATH} may lead; null allows no file
   */
  public Credentials(Function<String, @Nullable String> environment, @Nullable Path folder) {
    this(new SecretReader(environment, folder));
  }

  /** Reads from these variables, and from the folder that they name. */
  public Credentials(Map<String, String> environment) {
    this(new SecretReader(environment));
  }

  /** Reads from this process's variables. */
  public static Credentials ofProcess() {
    return new Credentials(SecretReader.ofProcess());
  }

  /**
   * What to send to a variant whose command holds this reference; null passes the client's header.
   *
   * @param header the header that carries the credential unchanged; null is a bearer token
   */
  public Authorization read(@Nullable String reference, @Nullable String header) {
    if (reference == null || reference.isBlank()) {
      return new Authorization.OfClient();
    }
    return switch (secrets.read(reference)) {
      case Secret.Missing(String reason) -> new Authorization.Unavailable(reason);
      case Secret.Found(String value) -> {
        String token = value.strip();
        if (!HEADER_VALUE.matcher(token).matches()) {
          yield new Authorization.Unavailable(
              reference + (token.isEmpty() ? " is empty" : " must hold one line of ASCII"));
        }
        yield header == null || header.isBlank()
            ? new Authorization.Bearer(token)
            : new Authorization.OwnHeader(header.toLowerCase(Locale.ROOT), token);
      }
    };
  }

  /** What a reference leads to, unchanged; null if it leads to nothing. */
  public @Nullable String secret(@Nullable String reference) {
    return reference != null && secrets.read(reference) instanceof Secret.Found(String value)
        ? value
        : null;
  }
}
