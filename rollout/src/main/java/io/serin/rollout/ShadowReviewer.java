package io.serin.rollout;

import io.serin.rollout.ShadowBudget.Price;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.SecretRef;
import io.serin.rollout.value.ServerUrl;
import org.jspecify.annotations.Nullable;

/**
 * A model that looks at the answers of replayed pairs: one that embeds, or one that judges.
 *
 * @param url up to and including /v1
 * @param credential where its bearer token is read from, env:NAME or file:PATH; null sends none
 * @param share of pairs with replayed control that it looks at, 0 … 10000 basis points
 * @param price of a million tokens; null is not known
 */
public record ShadowReviewer(
    String url, String model, @Nullable String credential, int share, @Nullable Price price) {
  public ShadowReviewer {
    if (ServerUrl.ofModels("url", url).query() != null) {
      throw new InvalidField("url", "(withheld)", "must not hold a query");
    }
    if (model.isBlank()) {
      throw new InvalidField("model", model, "must name a model");
    }
    if (credential != null) {
      SecretRef.check("credential", credential);
    }
    if (share < 1) {
      throw new InvalidField(
          "share", share / 100.0 + "%", "must be above 0; leave the section out instead");
    }
  }

  /**
   * One that embeds.
   *
   * @param atLeast likeness (a cosine) below which an answer is of another meaning, in (0, 1)
   */
  public record Similarity(ShadowReviewer model, double atLeast) {
    /** Where the file says nothing. */
    public static final double DEFAULT_AT_LEAST = 0.8;

    public Similarity {
      if (!(atLeast > 0 && atLeast < 1)) {
        throw new InvalidField("atLeast", atLeast, "must lie between 0 and 1");
      }
    }
  }
}
