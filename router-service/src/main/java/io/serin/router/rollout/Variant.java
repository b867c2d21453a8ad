package io.serin.router.rollout;

import io.serin.modelcalls.Address;
import io.serin.modelcalls.Authorization;
import io.serin.modelcalls.Credentials;
import io.serin.openai.BodyPatch;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A variant made ready for calling. Immutable.
 *
 * @param name its name in the rollout
 * @param control whether it is the rollout's control
 * @param addresses where its servers are, at least one
 * @param model replaces the request's model; null leaves it
 * @param authorization what is sent as Authorization
 * @param headers added to each request, lower-case names
 * @param extraBody merged into the request's body
 * @param healthPath asked at each server, without the base path; null asks none
 * @param maxConcurrency most requests under way on this router; 0 is without limit
 * @param cacheKey whether requests name the variant in "prompt_cache_key"
 */
public record Variant(
    String name,
    boolean control,
    List<Address> addresses,
    @Nullable String model,
    Authorization authorization,
    Map<String, String> headers,
    BodyPatch extraBody,
    @Nullable String healthPath,
    int maxConcurrency,
    boolean cacheKey) {

  /** The same variant as the one that serves whatever else fails. */
  Variant baseline() {
    return standingInFor(name, true);
  }

  /** The same servers and settings under another variant's name. */
  Variant standingInFor(String other, boolean asControl) {
    return new Variant(
        other,
        asControl,
        addresses,
        model,
        authorization,
        headers,
        extraBody,
        healthPath,
        maxConcurrency,
        cacheKey);
  }

  /**
   * Reads one variant of a command.
   *
   * @throws IllegalArgumentException naming field, value and rule, where it cannot be served
   */
  static Variant of(VariantTarget target, Credentials credentials) {
    if (target.getMaxConcurrency() < 0) {
      throw new IllegalArgumentException(
          "variants."
              + target.getName()
              + ".maxConcurrency: "
              + target.getMaxConcurrency()
              + ", must be 0 (no limit) or more");
    }
    List<Address> addresses = new ArrayList<>();
    addresses.add(address(target, "url", target.getUrl()));
    target.getMoreUrls().forEach(url -> addresses.add(address(target, "moreUrls", url)));
    return new Variant(
        target.getName(),
        target.getRole() == VariantRole.CONTROL,
        List.copyOf(addresses),
        target.getModel(),
        credentials.read(target.getCredential(), target.getCredentialHeader()),
        lowerCase(target.getHeaders()),
        extraBody(target),
        target.getHealthPath(),
        target.getMaxConcurrency(),
        target.getCacheKey());
  }

  /** Whether both are asked at the same server, so that one finds what the other stored. */
  public boolean sharesServerWith(Variant other) {
    return addresses.size() == 1
        && other.addresses.size() == 1
        && addresses.getFirst().origin().equals(other.addresses.getFirst().origin());
  }

  private static Address address(VariantTarget target, String field, String url) {
    URI uri = parse(target, field, url);
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean tls = scheme.equals("https");
    if (uri.getHost() == null
        || !(tls || scheme.equals("http"))
        || uri.getRawQuery() != null
        || uri.getPort() > 65_535) {
      throw new IllegalArgumentException(
          "variants."
              + target.getName()
              + "."
              + field
              + ": '"
              + url
              + "', must be http(s)://HOST[:PORT][/PATH]");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return new Address(
        tls,
        uri.getHost(),
        uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80,
        path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
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

  private static URI parse(VariantTarget target, String field, String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "variants."
              + target.getName()
              + "."
              + field
              + ": '"
              + url
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
