package io.serin.router.realtime;

import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Address;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Variant;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a client asks for a realtime session, and how a variant is asked for it. A browser cannot set
 * headers: its key comes as a subprotocol, and never leaves as one.
 */
final class RealtimeRequest {

  private static final String KEY = "openai-insecure-api-key.";
  private static final String PROTOCOLS = "sec-websocket-protocol";

  private RealtimeRequest() {}

  /** Puts a key that came as a subprotocol where other clients put theirs. */
  static void keyToHeader(MultiMap headers) {
    String key = null;
    for (String protocol : protocols(headers)) {
      if (protocol.startsWith(KEY)) {
        key = protocol.substring(KEY.length());
      }
    }
    if (key != null && Headers.CLIENT_KEYS.stream().noneMatch(headers::contains)) {
      headers.set("authorization", "Bearer " + key);
    }
    List<String> others =
        protocols(headers).stream().filter(protocol -> !protocol.startsWith(KEY)).toList();
    headers.remove(PROTOCOLS);
    if (!others.isEmpty()) {
      headers.set(PROTOCOLS, String.join(", ", others));
    }
  }

  private static List<String> protocols(MultiMap headers) {
    List<String> protocols = new ArrayList<>();
    for (String header : headers.getAll(PROTOCOLS)) {
      Stream.of(header.split(",", -1))
          .map(String::strip)
          .filter(protocol -> !protocol.isEmpty())
          .forEach(protocols::add);
    }
    return protocols;
  }

  /** The handshake with one of the variant's servers. */
  static WebSocketConnectOptions of(
      HttpServerRequest http, Variant variant, RealtimeBounds bounds) {
    Address server = variant.addresses().getFirst();
    HttpHeaders headers = Headers.toVariant(Headers.ofClient(http.headers()), variant);
    for (String name : List.copyOf(headers.names())) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith("sec-websocket-") || lower.equals("origin")) {
        headers.remove(name);
      }
    }
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost(server.host())
            .setPort(server.port())
            .setSsl(server.tls())
            .setURI(server.target(Realtime.PATH + query(http.query(), variant)))
            .setAllowOriginHeader(false)
            .setSubProtocols(protocols(http.headers()));
    options.setTimeout(bounds.connect().toMillis());
    headers.forEach(header -> options.addHeader(header.getKey(), header.getValue()));
    return options;
  }

  /** The client's query, with the variant's own model. */
  private static String query(@Nullable String query, Variant variant) {
    if (query == null) {
      return "";
    }
    String model = variant.model();
    return "?"
        + Stream.of(query.split("&", -1))
            .map(
                pair ->
                    model != null && pair.startsWith("model=")
                        ? "model=" + URLEncoder.encode(model, StandardCharsets.UTF_8)
                        : pair)
            .collect(Collectors.joining("&"));
  }
}
