package io.serin.router.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Authorization;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.rollout.value.HeaderRule;
import io.serin.router.rollout.Variant;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which headers pass the router. Hop-by-hop headers (RFC 9110, 7.6.1) and those that "Connection"
 * names stay; so does what the router sets itself.
 */
public final class Headers {

  public static final String REQUEST_ID = "x-request-id";
  public static final String CLIENT_REQUEST_ID = "x-client-request-id";
  public static final String UPSTREAM_REQUEST_ID = "x-upstream-request-id";
  public static final String VARIANT = "x-serin-variant";

  /** Names the tenant whose key a request carries; the router sets it, and no variant sees it. */
  public static final String TENANT = "x-serin-tenant";

  public static final String CONTENT_TYPE = "content-type";
  public static final String JSON = "application/json";

  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  /** Bodies are sent unencoded and whole, and the router asks for answers that it can read. */
  private static final Set<String> OWN_IN_REQUEST =
      Set.of(
          "host",
          "content-length",
          "content-encoding",
          "accept-encoding",
          "expect",
          REQUEST_ID,
          VARIANT,
          TENANT,
          VariantTokens.HEADER);

  private static final Set<String> OWN_IN_RESPONSE =
      Set.of("content-length", "content-encoding", REQUEST_ID, VARIANT);

  /** Where clients put keys: none of them may reach a variant that has a credential of its own. */
  public static final Set<String> CLIENT_KEYS = Set.of("authorization", "api-key", "x-api-key");

  /**
   * Parts of names of headers that hold a client's key or session, or choose whose account pays:
   * nothing of it goes along with another credential. Browsers put the key of a WebSocket in its
   * protocol.
   */
  private static final Pattern KEYS =
      Pattern.compile(
          "auth|api-?key|(^|-)keys?($|-)|token|secret|credential|cookie|subscription"
              + "|sec-websocket-protocol|openai-organization|openai-project|x-amz-");

  private Headers() {}

  private static boolean mayHoldKey(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return !lower.equals("idempotency-key") && KEYS.matcher(lower).find();
  }

  /**
   * What of a client's request may pass to a variant, keys included.
   *
   * @throws OpenAiException with status 400 where a header's name or value is invalid
   */
  public static HttpHeaders ofClient(MultiMap client) {
    HttpHeaders passing = new DefaultHttpHeaders();
    Set<String> named = namedByConnection(client);
    for (Map.Entry<String, String> header : client) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name) && !OWN_IN_REQUEST.contains(name) && !named.contains(name)) {
        String value =
            name.equals("cookie")
                ? VariantTokens.withoutToken(header.getValue())
                : header.getValue();
        if (value != null) {
          add(passing, header.getKey(), value);
        }
      }
    }
    return passing;
  }

  private static void add(HttpHeaders headers, String name, String value) {
    try {
      headers.add(name, value);
    } catch (IllegalArgumentException e) {
      throw new OpenAiException(
          OpenAiError.invalidRequest("Invalid header name or value.", null, "invalid_http"));
    }
  }

  private static void set(HttpHeaders headers, String name, String value) {
    HeaderRule.value(name, value);
    headers.set(name, value);
  }

  /**
   * What a variant is sent: what of the client's may pass, and its own.
   *
   * @throws IllegalArgumentException where a header of its own cannot be sent
   */
  public static HttpHeaders toVariant(HttpHeaders ofClient, Variant variant) {
    HttpHeaders upstream = ofClient.copy();
    if (!(variant.authorization() instanceof Authorization.OfClient)) {
      upstream.names().stream().filter(Headers::mayHoldKey).forEach(upstream::remove);
    }
    upstream.set("accept-encoding", "identity");
    variant.access().headers().forEach((name, value) -> set(upstream, name, value));
    switch (variant.authorization()) {
      case Authorization.Bearer bearer -> set(upstream, "authorization", bearer.header());
      case Authorization.OwnHeader own -> set(upstream, own.name(), own.value());
      case Authorization.OfClient _, Authorization.Unavailable _ -> {}
    }
    return upstream;
  }

  /** Copies what a variant answered to the answer to the client. */
  public static void toClient(Iterable<Map.Entry<String, String>> upstream, MultiMap client) {
    Set<String> named = namedByConnection(upstream);
    boolean cors = Cors.decided(client);
    for (Map.Entry<String, String> header : upstream) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.equals(REQUEST_ID)) {
        client.set(UPSTREAM_REQUEST_ID, header.getValue());
      } else if (!HOP_BY_HOP.contains(name)
          && !OWN_IN_RESPONSE.contains(name)
          && !(cors && name.startsWith("access-control-"))
          && !named.contains(name)) {
        client.add(header.getKey(), header.getValue());
      }
    }
  }

  private static Set<String> namedByConnection(Iterable<Map.Entry<String, String>> headers) {
    Set<String> names = Set.of();
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().equalsIgnoreCase("connection")) {
        names = new HashSet<>(names);
        for (String name : header.getValue().split(",", -1)) {
          names.add(name.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }
}
