package io.serin.router.rollout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads credentials by reference: {@code env:NAME} or {@code file:PATH}. Commands carry references
 * only. What cannot be read is {@link Authorization.Unavailable}: the variant then fails by itself
 * and control serves. Thread-safe; reading a file blocks.
 */
public final class Credentials {

  private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

  private final Map<String, String> environment;

  /**
   * @param environment where {@code env:NAME} is looked up
   */
  public Credentials(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * What to send to a variant whose command holds this reference; null passes the client's header.
   *
   * @param header the header that carries the credential as it is; null is a bearer token
   */
  public Authorization read(@Nullable String reference, @Nullable String header) {
    if (reference == null || reference.isBlank()) {
      return new Authorization.OfClient();
    }
    String token = secret(reference);
    if (token == null || token.isBlank()) {
      LOG.atWarn()
          .addKeyValue("credential", reference)
          .addKeyValue("event", "credential-missing")
          .log("credential cannot be read, variant is called without one");
      return new Authorization.Unavailable(
          reference
              + (reference.startsWith("env:")
                  ? " is not set on this router; set the variable and restart the router"
                  : " cannot be read on this router, or is empty"));
    }
    return header == null || header.isBlank()
        ? new Authorization.Bearer(token.strip())
        : new Authorization.OwnHeader(header.toLowerCase(Locale.ROOT), token.strip());
  }

  /** What a reference leads to; null where it leads to nothing. */
  public @Nullable String secret(@Nullable String reference) {
    if (reference == null) {
      return null;
    }
    if (reference.startsWith("env:")) {
      return environment.get(reference.substring("env:".length()));
    }
    return reference.startsWith("file:") ? readFile(reference.substring("file:".length())) : null;
  }

  private static @Nullable String readFile(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }
}
