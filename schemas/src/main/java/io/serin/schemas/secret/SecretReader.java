package io.serin.schemas.secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads secrets by reference: {@code env:NAME} or {@code file:PATH}. A person who may apply a
 * rollout chooses the reference and the URL that the secret is used for. Therefore files are read
 * below one folder only, which the operator of the service sets, symbolic links resolved.
 * Thread-safe; reading a file blocks.
 */
public final class SecretReader {

  /** The environment variable that names the folder of router, worker and analytics. */
  public static final String FOLDER = "SERIN_CREDENTIAL_FOLDER";

  private final Function<String, @Nullable String> environment;
  private final @Nullable Path folder;

  /** What a reference leads to. */
  public sealed interface Secret {

    /** The secret, unchanged. */
    record Found(String value) implements Secret {
      @Override
      public String toString() {
        return "Found[(withheld)]";
      }
    }

    /**
     * Nothing can be read.
     *
     * @param reason one sentence with the rule; never the secret
     */
    record Missing(String reason) implements Secret {}
  }

  /**
   * @param environment where {@code env:NAME} is looked up; null where a name is not set
   * @param folder below which {@code file:PATH} may lead, and that a relative path starts at; null
   *     allows no file
   */
  public SecretReader(Function<String, @Nullable String> environment, @Nullable Path folder) {
    this.environment = environment;
    this.folder = folder;
  }

  /** Reads from these variables, and from the folder that {@link #FOLDER} names among them. */
  public SecretReader(Map<String, String> environment) {
    this(environment::get, folder(environment.get(FOLDER)));
  }

  /** Reads from this process's variables. */
  public static SecretReader ofProcess() {
    return new SecretReader(System.getenv());
  }

  /** What a reference leads to. */
  public Secret read(String reference) {
    if (reference.startsWith("env:")) {
      String value = environment.apply(reference.substring("env:".length()));
      return value == null
          ? new Secret.Missing(
              reference + " is not set; set the variable and restart the service that reads it")
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
