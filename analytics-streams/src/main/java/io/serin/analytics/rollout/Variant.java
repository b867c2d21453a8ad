package io.serin.analytics.rollout;

import java.net.URI;
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
 */
public record Variant(
    String name,
    String url,
    @Nullable String model,
    @Nullable String credential,
    Map<String, String> headers,
    @Nullable String extraBody) {
  /** The variant that everything is compared with. */
  public static final String CONTROL = "control";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  public Variant {
    headers = Map.copyOf(headers);
    if (!NAME.matcher(name).matches()) {
      throw new InvalidField("name", name, "a variant's name must match " + NAME);
    }
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new InvalidField("url", url, "must be a URL");
    }
    if (uri.getHost() == null
        || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw new InvalidField("url", url, "must begin with http:// or https:// and name a host");
    }
    if (uri.getUserInfo() != null) {
      throw new InvalidField(
          "url", "(withheld)", "must not hold a user or a password: use credential");
    }
    if (credential != null && !credential.matches("(env|file):.+")) {
      throw new InvalidField(
          "credential", "(withheld)", "must be env:NAME or file:PATH, never the token itself");
    }
  }

  public boolean control() {
    return name.equals(CONTROL);
  }
}
