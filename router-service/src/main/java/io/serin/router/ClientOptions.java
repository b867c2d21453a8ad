package io.serin.router;

import io.serin.router.http.ClientBounds;
import io.serin.router.http.Http2;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options that bound what clients may take, and that say where HTTP/2 is spoken. */
final class ClientOptions {

  @Option(
      names = "--client-head-timeout",
      paramLabel = "SECONDS",
      description =
          "Closes a client's new connection that has sent no whole request head within this time"
              + " (SERIN_ROUTER_CLIENT_HEAD_TIMEOUT; default ${DEFAULT-VALUE}).")
  private long clientHeadSeconds = ClientBounds.DEFAULT.head().toSeconds();

  @Option(
      names = "--client-idle-timeout",
      paramLabel = "SECONDS",
      description =
          "How long a client's connection is kept between two requests"
              + " (SERIN_ROUTER_CLIENT_IDLE_TIMEOUT; default ${DEFAULT-VALUE}).")
  private long clientIdleSeconds = ClientBounds.DEFAULT.idle().toSeconds();

  @Option(
      names = "--client-body-timeout",
      paramLabel = "SECONDS",
      description =
          "How long a request body may take to arrive before it is answered 408"
              + " (SERIN_ROUTER_CLIENT_BODY_TIMEOUT; default ${DEFAULT-VALUE}).")
  private long clientBodySeconds = ClientBounds.DEFAULT.body().toSeconds();

  @Option(
      names = "--client-connections",
      paramLabel = "N",
      description =
          "Most connections of one client address; further ones are closed"
              + " (SERIN_ROUTER_CLIENT_CONNECTIONS; default ${DEFAULT-VALUE}).")
  private int clientConnections = ClientBounds.DEFAULT.connectionsPerAddress();

  @Option(
      names = "--max-memory-bytes",
      paramLabel = "N",
      description =
          "What all requests together may hold in bodies and whole answers, in bytes; beyond it they"
              + " get 503 with retry-after (SERIN_ROUTER_MAX_MEMORY_BYTES; default: half of the"
              + " heap, ${DEFAULT-VALUE}).")
  private long maxMemoryBytes = ClientBounds.DEFAULT.memoryBytes();

  @Option(
      names = "--http2-cleartext",
      description =
          "Clients without TLS may speak HTTP/2, by prior knowledge or upgrade; with TLS they always"
              + " may (SERIN_ROUTER_HTTP2_CLEARTEXT).")
  private boolean http2ClearText;

  @Option(
      names = "--upstream-http2",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Offers HTTP/2 to model servers with TLS; --no-upstream-http2 keeps to HTTP/1.1"
              + " (SERIN_ROUTER_UPSTREAM_HTTP2; default ${DEFAULT-VALUE}).")
  private boolean upstreamHttp2;

  @Option(
      names = "--http2-servers",
      paramLabel = "HOST:PORT",
      split = ",",
      description =
          "Model servers without TLS that speak HTTP/2 by prior knowledge, separated by commas"
              + " (SERIN_ROUTER_HTTP2_SERVERS; default: none).")
  private List<String> http2Servers = List.of();

  /**
   * The bounds.
   *
   * @throws IllegalArgumentException naming setting, value and rule, where one is wrong
   */
  ClientBounds bounds() {
    return new ClientBounds(
        Duration.ofSeconds(clientHeadSeconds),
        Duration.ofSeconds(clientIdleSeconds),
        Duration.ofSeconds(clientBodySeconds),
        clientConnections,
        maxMemoryBytes);
  }

  /** Where HTTP/2 is spoken. */
  Http2 http2() {
    return new Http2(
        http2ClearText,
        upstreamHttp2,
        http2Servers.stream()
            .map(String::strip)
            .filter(server -> !server.isEmpty())
            .collect(Collectors.toSet()));
  }
}
