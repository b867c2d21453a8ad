package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One model that requests can go to.
 *
 * @param url base URL, up to and including /v1
 * @param model replaces "model" in the body; null leaves it
 * @param credential where the bearer token is read from, env:NAME or file:PATH; null passes the
 *     client's
 * @param extraBody a JSON object merged into the body; null adds nothing
 * @param moreUrls base URLs of further servers of the same model
 * @param healthPath path at each server that answers 2xx while it is well; null asks none
 * @param maxConcurrency most requests that one router has under way here; 0 is without limit
 * @param cacheKey whether requests name the variant in "prompt_cache_key"
 * @param credentialHeader the header that carries the credential; null is a bearer token
 */
public record Variant(
    String name,
    String url,
    @Nullable String model,
    @Nullable String credential,
    Map<String, String> headers,
    @Nullable String extraBody,
    List<String> moreUrls,
    @Nullable String healthPath,
    int maxConcurrency,
    boolean cacheKey,
    @Nullable String credentialHeader) {
  /** The variant that everything is compared with. */
  public static final String CONTROL = "control";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  public Variant {
    headers = Map.copyOf(headers);
    if (!NAME.matcher(name).matches()) {
      throw new InvalidField("name", name, "a variant's name must match " + NAME);
    }
    moreUrls = List.copyOf(moreUrls);
    checkUrl("url", url);
    moreUrls.forEach(more -> checkUrl("moreUrls", more));
    if (credential != null && !credential.matches("(env|file):.+")) {
      throw new InvalidField(
          "credential", "(withheld)", "must be env:NAME or file:PATH, never the token itself");
    }
    if (healthPath != null && !healthPath.startsWith("/")) {
      throw new InvalidField("healthPath", healthPath, "must begin with /");
    }
    if (maxConcurrency < 0) {
      throw new InvalidField("maxConcurrency", maxConcurrency, "must be 0 (no limit) or more");
    }
    if (credentialHeader != null && !HEADER.matcher(credentialHeader).matches()) {
      throw new InvalidField("credentialHeader", credentialHeader, "must be a header's name");
    }
    if (credentialHeader != null && credential == null) {
      throw new InvalidField("credentialHeader", credentialHeader, "needs a credential");
    }
  }

  private static void checkUrl(String field, String url) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new InvalidField(field, url, "must be a URL");
    }
    if (uri.getHost() == null
        || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw new InvalidField(field, url, "must begin with http:// or https:// and name a host");
    }
    if (uri.getUserInfo() != null) {
      throw new InvalidField(
          field, "(withheld)", "must not hold a user or a password: use credential");
    }
  }

  public boolean control() {
    return name.equals(CONTROL);
  }
}
