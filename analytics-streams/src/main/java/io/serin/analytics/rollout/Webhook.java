package io.serin.analytics.rollout;

import java.net.URI;

/** Where events of a rollout are posted to. */
public record Webhook(String url) {
  public Webhook {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new InvalidField("webhook", url, "must be a URL");
    }
    if (uri.getHost() == null
        || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw new InvalidField("webhook", url, "must begin with http:// or https:// and name a host");
    }
    if (uri.getUserInfo() != null) {
      throw new InvalidField("webhook", "(withheld)", "must not hold a user or a password");
    }
  }

  /** Scheme, host, port and path: a query may hold a secret. */
  @Override
  public String toString() {
    URI uri = URI.create(url);
    return uri.getScheme() + "://" + uri.getAuthority() + uri.getPath();
  }
}
