package io.serin.router.rollout;

import io.serin.modelcalls.Address;
import io.serin.modelcalls.Authorization;
import io.serin.modelcalls.Credentials;
import io.serin.openai.BodyPatch;
import io.serin.rollout.value.PathRule;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
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
 * @param access what its calls are authorized by
 * @param body what is done to requests' bodies
 * @param healthPath asked at each server, without the base path; null asks none
 * @param maxConcurrency most requests under way on this router; 0 is without limit
 */
public record Variant(
    String name,
    boolean control,
    List<Address> addresses,
    @Nullable String model,
    Access access,
    Body body,
    @Nullable String healthPath,
    int maxConcurrency) {

  /**
   * What authorizes calls.
   *
   * @param authorization what is sent as Authorization
   * @param headers added to each request, lower-case names
   * @param paths that are called; null is all, since only the client's own key is sent
   */
  public record Access(
      Authorization authorization, Map<String, String> headers, @Nullable PathRule paths) {}

  /**
   * What is done to a request's body.
   *
   * @param extra merged into it
   * @param cacheKey whether requests name the variant in "prompt_cache_key"
   * @param streamUsage whether a stream is asked for its usage though the client did not
   */
  public record Body(BodyPatch extra, boolean cacheKey, boolean streamUsage) {}

  /** What is sent as Authorization. */
  public Authorization authorization() {
    return access.authorization();
  }

  /**
   * Whether this variant is called with a path. The endpoints that the router reads always are.
   *
   * @param path below the base URL, normalised, without a query
   */
  public boolean allows(String path) {
    return access.paths() == null || access.paths().allows(path);
  }

  /** The same variant as the one that serves whatever else fails. */
  Variant baseline() {
    return standingInFor(name, true);
  }

  /** The same servers and settings under another variant's name. */
  Variant standingInFor(String other, boolean asControl) {
    return new Variant(
        other, asControl, addresses, model, access, body, healthPath, maxConcurrency);
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
    Authorization authorization =
        credentials.read(target.getCredential(), target.getCredentialHeader());
    boolean clientsOwn =
        authorization instanceof Authorization.OfClient && target.getPaths().isEmpty();
    return new Variant(
        target.getName(),
        target.getRole() == VariantRole.CONTROL,
        List.copyOf(addresses),
        target.getModel(),
        new Access(
            authorization,
            lowerCase(target.getHeaders()),
            clientsOwn
                ? null
                : PathRule.of("variants." + target.getName() + ".paths", target.getPaths())),
        new Body(extraBody(target), target.getCacheKey(), target.getStreamUsage()),
        target.getHealthPath(),
        target.getMaxConcurrency());
  }

  /** Whether both are asked at the same server, so that one finds what the other stored. */
  public boolean sharesServerWith(Variant other) {
    return addresses.size() == 1
        && other.addresses.size() == 1
        && addresses.getFirst().origin().equals(other.addresses.getFirst().origin());
  }

  /**
   * Which model this is, by its name and its first server: what opaque state belongs to, whatever
   * variant of whatever run it is.
   */
  public String maker() {
    return makerAt(addresses.getFirst());
  }

  /** The same for one of its servers. */
  public String makerAt(Address server) {
    return (model == null ? "" : model) + "@" + server.origin() + server.basePath();
  }

  private static Address address(VariantTarget target, String field, String url) {
    return Address.of("variants." + target.getName() + "." + field, url);
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

  private static Map<String, String> lowerCase(Map<String, String> headers) {
    return headers.entrySet().stream()
        .collect(
            Collectors.toUnmodifiableMap(
                entry -> entry.getKey().toLowerCase(Locale.ROOT),
                Map.Entry::getValue,
                (first, second) -> second));
  }
}
