package io.serin.rollout;

import io.serin.rollout.value.HeaderRule;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.PathRule;
import io.serin.rollout.value.SecretRef;
import io.serin.rollout.value.ServerUrl;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One model that requests can go to.
 *
 * @param url base URL, up to and including /v1; a query is sent along with every call
 * @param model replaces "model" in the body; null leaves it
 * @param access what its calls are authorized by, and for which paths
 * @param headers added to every call, lower-case names
 * @param body what is done to requests' bodies
 * @param servers its further servers, and how much they are asked
 */
public record Variant(
    String name,
    String url,
    @Nullable String model,
    Access access,
    Map<String, String> headers,
    Body body,
    Servers servers) {

  /**
   * What authorizes calls.
   *
   * @param credential where the bearer token is read from, env:NAME or file:PATH; null passes the
   *     client's
   * @param credentialHeader the header that carries the credential; null is a bearer token
   * @param paths that the credential is sent to; empty is {@link PathRule#INFERENCE}
   */
  public record Access(
      @Nullable String credential, @Nullable String credentialHeader, List<String> paths) {
    public Access {
      paths = List.copyOf(paths);
      PathRule.of("paths", paths);
      if (credential != null) {
        SecretRef.check("credential", credential);
      }
      if (credentialHeader != null) {
        HeaderRule.name("credentialHeader", credentialHeader);
        if (credential == null) {
          throw new InvalidField("credentialHeader", credentialHeader, "needs a credential");
        }
      }
    }
  }

  /**
   * What is done to a request's body.
   *
   * @param extra a JSON object merged into it; null adds nothing
   * @param cacheKey whether requests name the variant in "prompt_cache_key"
   * @param streamUsage whether a stream is asked for its usage though the client did not
   */
  public record Body(@Nullable String extra, boolean cacheKey, boolean streamUsage) {}

  /**
   * The servers of the variant beyond the first.
   *
   * @param moreUrls base URLs of further servers of the same model
   * @param healthPath path at each server that answers 2xx while it is well; null asks none
   * @param maxConcurrency most requests that one router has under way here; 0 is without limit
   */
  public record Servers(List<String> moreUrls, @Nullable String healthPath, int maxConcurrency) {
    public Servers {
      moreUrls = List.copyOf(moreUrls);
      for (int i = 0; i < moreUrls.size(); i++) {
        ServerUrl.ofModels("moreUrls[" + i + "]", moreUrls.get(i));
      }
      if (healthPath != null) {
        ServerUrl.pathAndQuery("healthPath", healthPath);
      }
      if (maxConcurrency < 0) {
        throw new InvalidField("maxConcurrency", maxConcurrency, "must be 0 (no limit) or more");
      }
    }
  }

  /** The variant that everything is compared with. */
  public static final String CONTROL = "control";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private static final Pattern MODEL = Pattern.compile("[^\\p{Cntrl}]{1,256}");

  public Variant {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidField("name", name, "a variant's name must match " + NAME);
    }
    headers = HeaderRule.all("headers", headers);
    ServerUrl.ofModels("url", url);
    if (model != null && !MODEL.matcher(model).matches()) {
      throw new InvalidField(
          "model",
          "'" + model + "'",
          "must be 1 to 256 characters; leave it out to keep the client's");
    }
  }

  public boolean control() {
    return name.equals(CONTROL);
  }
}
