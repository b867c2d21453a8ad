package io.serin.modelcalls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads secrets by reference: {@code env:NAME} or {@code file:PATH}. Whoever may apply a rollout
 * chooses the reference and the URL that the secret is sent to; so files are read below one folder
 * only, which the operator sets, symbolic links resolved. Thread-safe; reading a file blocks.
 */
public final class Credentials {

  /** The environment variable that names the folder where a service has no option of its own. */
  public static final String FOLDER = "SERIN_CREDENTIAL_FOLDER";

  /** What can stand in a header's value. */
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\t\\x20-\\x7e]+");

  private final Function<String, @Nullable String> environment;
  private final @Nullable Path folder;

  /** What a reference leads to. */
  private sealed interface Secret {
    record Found(String value) implements Secret {}

    record Missing(String reason) implements Secret {}
  }

  /**
   * @param environment where {@code env:NAME} is looked up; null where a name is not set
   * @param folder below which {@code file:PATH} may lead, and that a relative path starts at; null
   *     allows no file
   */
  public Credentials(Function<String, @Nullable String> environment, @Nullable Path folder) {
    this.environment = environment;
    this.folder = folder;
  }

  /** Reads from these variables, and from the folder that {@link #FOLDER} names among them. */
  public Credentials(Map<String, String> environment) {
    this(environment::get, folder(environment.get(FOLDER)));
  }

  /** Reads from this process' variables. */
  public static Credentials ofProcess() {
    return new Credentials(System.getenv());
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
    return switch (look(reference)) {
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
    return reference != null && look(reference) instanceof Secret.Found(String value)
        ? value
        : null;
  }

  private Secret look(String reference) {
    if (reference.startsWith("env:")) {
      String name = reference.substring("env:".length());
      String value = environment.apply(name);
      return value == null
          ? new Secret.Missing(
              reference + " is not set on this router; set the variable and restart the router")
          : new Secret.Found(value);
    }
    return reference.startsWith("file:")
        ? file(reference.substring("file:".length()))
        : new Secret.Missing("(withheld) must be env:NAME or file:PATH");
  }

  private Secret file(String path) {
    if (folder == null) {
      return new Secret.Missing(
          "file:"
              + path
              + " cannot be read: no folder of credentials is set; name it by "
              + FOLDER);
    }
    try {
      Path inside = folder.toRealPath();
      Path file = folder.resolve(path).toRealPath();
      return file.startsWith(inside)
          ? new Secret.Found(Files.readString(file))
          : new Secret.Missing(
              "file:" + path + " must lie below the folder of credentials, " + folder);
    } catch (IOException | IllegalArgumentException e) {
      return new Secret.Missing(
          "file:" + path + " cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static @Nullable Path folder(@Nullable String name) {
    return name == null || name.isBlank() ? null : Path.of(name);
  }
}
