package io.serin.router.rollout;

import io.serin.openai.BodyPatch;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A variant made ready for calling. Immutable.
 *
 * @param name its name in the rollout
 * @param control whether it is the rollout's control
 * @param tls whether it is called over TLS
 * @param host its host
 * @param port its port
 * @param basePath the path before {@code /chat/completions}, without a trailing slash
 * @param model replaces the request's model; null leaves it
 * @param authorization what is sent as Authorization
 * @param headers added to each request, lower-case names
 * @param extraBody merged into the request's body
 */
public record Variant(
    String name,
    boolean control,
    boolean tls,
    String host,
    int port,
    String basePath,
    @Nullable String model,
    Authorization authorization,
    Map<String, String> headers,
    BodyPatch extraBody) {

  /** The same variant as the one that serves whatever else fails. */
  Variant baseline() {
    return new Variant(
        name, true, tls, host, port, basePath, model, authorization, headers, extraBody);
  }

  /**
   * @throws IllegalArgumentException where the URL is not an absolute http(s) URL
   */
  static Variant of(VariantTarget target, Credentials credentials) {
    URI uri = parse(target);
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean tls = scheme.equals("https");
    if (uri.getHost() == null || !(tls || scheme.equals("http")) || uri.getRawQuery() != null) {
      throw new IllegalArgumentException(
          "variants."
              + target.getName()
              + ".url: '"
              + target.getUrl()
              + "', must be http(s)://HOST[:PORT][/PATH]");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return new Variant(
        target.getName(),
        target.getRole() == VariantRole.CONTROL,
        tls,
        uri.getHost(),
        uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80,
        path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
        target.getModel(),
        credentials.read(target.getCredential()),
        lowerCase(target.getHeaders()),
        extraBody(target));
  }

  private static BodyPatch extraBody(VariantTarget target) {
    if (target.getExtraBody() == null) {
      return BodyPatch.NONE;
    }
    try {
      return BodyPatch.parse(target.getExtraBody());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "variants." + target.getName() + ".extraBody: " + e.getMessage(), e);
    }
  }

  private static URI parse(VariantTarget target) {
    try {
      return new URI(target.getUrl());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "variants."
              + target.getName()
              + ".url: '"
              + target.getUrl()
              + "', is not a URL: "
              + e.getReason(),
          e);
    }
  }

  private static Map<String, String> lowerCase(Map<String, String> headers) {
    return headers.entrySet().stream()
        .collect(
            Collectors.toUnmodifiableMap(
                entry -> entry.getKey().toLowerCase(Locale.ROOT),
                Map.Entry::getValue,
                (first, second) -> second));
  }
}
