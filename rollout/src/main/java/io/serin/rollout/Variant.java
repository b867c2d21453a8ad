package io.serin.rollout;

import io.serin.rollout.value.HeaderRule;
import io.serin.rollout.value.InvalidField;
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

  private static final Pattern MODEL = Pattern.compile("[^\\p{Cntrl}]{1,256}");

  public Variant {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidField("name", name, "a variant's name must match " + NAME);
    }
    headers = HeaderRule.all("headers", headers);
    moreUrls = List.copyOf(moreUrls);
    ServerUrl.ofModels("url", url);
    for (int i = 0; i < moreUrls.size(); i++) {
      ServerUrl.ofModels("moreUrls[" + i + "]", moreUrls.get(i));
    }
    if (model != null && !MODEL.matcher(model).matches()) {
      throw new InvalidField(
          "model",
          "'" + model + "'",
          "must be 1 to 256 characters; leave it out to keep the client's");
    }
    if (credential != null) {
      SecretRef.check("credential", credential);
    }
    if (healthPath != null) {
      ServerUrl.pathAndQuery("healthPath", healthPath);
    }
    if (maxConcurrency < 0) {
      throw new InvalidField("maxConcurrency", maxConcurrency, "must be 0 (no limit) or more");
    }
    if (credentialHeader != null) {
      HeaderRule.name("credentialHeader", credentialHeader);
      if (credential == null) {
        throw new InvalidField("credentialHeader", credentialHeader, "needs a credential");
      }
    }
  }

  public boolean control() {
    return name.equals(CONTROL);
  }
}
