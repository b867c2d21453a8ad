package io.serin.router;

import io.serin.router.access.Access;
import io.serin.router.access.Tls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say who may use the router's ports. */
final class AccessOptions {

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description =
          "Serves clients by TLS with this certificate, PEM, read at the start"
              + " (SERIN_ROUTER_TLS_CERTIFICATE; default: plain HTTP).")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The certificate's private key, PEM, PKCS #8 (SERIN_ROUTER_TLS_KEY).")
  private @Nullable Path key;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description =
          "Serves only clients with a certificate of these authorities, PEM"
              + " (SERIN_ROUTER_TLS_CLIENT_CA; default: none is asked for).")
  private @Nullable Path clientCa;

  @Option(
      names = "--client-keys",
      paramLabel = "FILE",
      description =
          "Serves only clients with a key of this file, one a line: TENANT KEY. The tenant is the"
              + " request's header x-serin-tenant, for unit rules; variants see neither. Read again"
              + " when it changes (SERIN_ROUTER_CLIENT_KEYS; default: clients' keys are the"
              + " variants' to check).")
  private @Nullable Path clientKeys;

  @Option(
      names = "--admin-tokens",
      paramLabel = "FILE",
      description =
          "Bearer tokens of the admin port, one a line: ROLE NAME TOKEN. A viewer reads /metrics,"
              + " an operator also forces control; /health needs none. Read again when it changes"
              + " (SERIN_ROUTER_ADMIN_TOKENS; default: everyone reads, this machine alone forces).")
  private @Nullable Path adminTokens;

  /**
   * Reads what the options name.
   *
   * @throws IllegalArgumentException naming setting, value and rule, where one is wrong
   */
  Access read() {
    Path ofServer = given(certificate);
    Path ofKey = given(key);
    Path authorities = given(clientCa);
    Tls tls = null;
    if (ofServer != null && ofKey != null) {
      tls = new Tls(ofServer, ofKey, authorities);
    } else if (ofServer != null || ofKey != null || authorities != null) {
      throw new IllegalArgumentException(
          "tls-certificate, tls-key: '"
              + ofServer
              + "', '"
              + ofKey
              + "', must both be given for TLS, tls-client-ca only with them");
    }
    return Access.of(tls, given(clientKeys), given(adminTokens));
  }

  /** An environment variable that is empty says nothing. */
  private static @Nullable Path given(@Nullable Path value) {
    return value == null || value.toString().isBlank() ? null : value;
  }
}
