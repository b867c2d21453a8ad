package io.serin.router.exchange;

import io.serin.openai.CompletionRequest;
import io.serin.router.http.Headers;
import io.serin.router.http.Tenants;
import io.serin.schemas.Excluded;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a client's request once it is read.
 *
 * @param path the endpoint's path below a base URL, with the client's query
 * @param unit the hashed unit
 * @param captured whether request and answer are kept for shadowing
 * @param client who asks, and how long it waits
 * @param excluded why no attempt of it is evidence, known before the first; null where they are
 * @param startedAt when it was read, milliseconds since the epoch
 * @param startedNanos the same on the monotonic clock
 */
record RequestFacts(
    String path,
    String unit,
    boolean captured,
    Client client,
    @Nullable Excluded excluded,
    long startedAt,
    long startedNanos) {

  /**
   * Who asks.
   *
   * @param sender what limits count by: the tenant of the client's key, or its address
   * @param owner who alone can use the ids of responses that it stores; {@link Tenants#owner}
   * @param tenant whose key the client had; null where no key is asked for
   * @param requestId the client's own id, at most 128 characters
   * @param patienceMillis how long the client waits for a first byte, where it says so as OpenAI's
   *     clients do (x-stainless-timeout, in seconds)
   */
  record Client(
      String sender,
      String owner,
      @Nullable String tenant,
      @Nullable String requestId,
      long patienceMillis) {

    private static final int MAX_CLIENT_ID = 128;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,6})?");

    static Client of(HttpServerRequest http, String owner, @Nullable String tenant) {
      String id = http.getHeader(Headers.CLIENT_REQUEST_ID);
      return new Client(
          Tenants.sender(tenant, http),
          owner,
          tenant,
          id != null && id.length() > MAX_CLIENT_ID ? id.substring(0, MAX_CLIENT_ID) : id,
          patience(http.getHeader("x-stainless-timeout")));
    }

    /** Whose marks of opaque state are known: a tenant's own; empty where no key is asked for. */
    String markTenant() {
      return tenant == null ? "" : tenant;
    }

    private static long patience(@Nullable String seconds) {
      if (seconds == null || !SECONDS.matcher(seconds).matches()) {
        return Integer.MAX_VALUE;
      }
      return Math.max(1, (long) (Double.parseDouble(seconds) * 1000));
    }
  }

  /** The endpoint's path below a base URL, with the client's query. */
  static String path(HttpServerRequest http, CompletionRequest request) {
    String path = request.endpoint().path();
    String query = http.query();
    return query == null ? path : path + "?" + query;
  }

  /** Whose failures count as one for the local trip: all of a sender's units beyond its limit. */
  String tripUnit() {
    return excluded == Excluded.MANY_UNITS ? client.sender() : unit;
  }
}
