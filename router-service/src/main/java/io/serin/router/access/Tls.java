package io.serin.router.access;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files by which clients' connections are encrypted, in PEM; read when the router starts, and
 * again when they change.
 *
 * @param certificate the router's certificate, and those that lead to its authority
 * @param key its private key, PKCS #8
 * @param clientCa authorities of which every client needs a certificate; null asks for none
 */
public record Tls(Path certificate, Path key, @Nullable Path clientCa) {

  /** Checks that all can be read. */
  public Tls {
    readable("tls-certificate", certificate);
    readable("tls-key", key);
    if (clientCa != null) {
      readable("tls-client-ca", clientCa);
    }
  }

  private static void readable(String setting, Path file) {
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(
          setting + ": '" + file + "', must be a file that can be read");
    }
  }
}
