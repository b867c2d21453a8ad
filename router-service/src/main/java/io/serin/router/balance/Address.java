package io.serin.router.balance;

/**
 * Where a server of a variant is reached.
 *
 * @param tls whether it is called over TLS
 * @param host its host
 * @param port its port
 * @param basePath the path before {@code /chat/completions}, without a trailing slash
 */
public record Address(boolean tls, String host, int port, String basePath) {

  /** Scheme, host and port, for logs and metrics. */
  public String origin() {
    return (tls ? "https://" : "http://") + host + ":" + port;
  }
}
