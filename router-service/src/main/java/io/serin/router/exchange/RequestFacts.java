package io.serin.router.exchange;

import io.serin.openai.CompletionRequest;
import io.serin.router.http.Headers;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a client's request once it is read.
 *
 * @param path the endpoint's path below a base URL, with the client's query
 * @param unit the hashed unit
 * @param captured whether request and answer are kept for shadowing
 * @param patienceMillis how long the client waits for a first byte, where it says so as OpenAI's
 *     clients do (x-stainless-timeout, in seconds)
 * @param clientRequestId the client's own id, at most 128 characters
 * @param tenant whose key the client had; null where no key is asked for
 * @param startedAt when it was read, milliseconds since the epoch
 * @param startedNanos the same on the monotonic clock
 */
record RequestFacts(
    String path,
    String unit,
    boolean captured,
    long patienceMillis,
    @Nullable String clientRequestId,
    @Nullable String tenant,
    long startedAt,
    long startedNanos) {

  private static final int MAX_CLIENT_ID = 128;
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,6})?");

  static RequestFacts of(
      HttpServerRequest http,
      CompletionRequest request,
      String unit,
      boolean captured,
      @Nullable String tenant,
      long startedAt,
      long startedNanos) {
    String path = request.endpoint().path();
    String query = http.query();
    String clientId = http.getHeader(Headers.CLIENT_REQUEST_ID);
    return new RequestFacts(
        query == null ? path : path + "?" + query,
        unit,
        captured,
        patience(http.getHeader("x-stainless-timeout")),
        clientId != null && clientId.length() > MAX_CLIENT_ID
            ? clientId.substring(0, MAX_CLIENT_ID)
            : clientId,
        tenant,
        startedAt,
        startedNanos);
  }

  private static long patience(@Nullable String seconds) {
    if (seconds == null || !SECONDS.matcher(seconds).matches()) {
      return Integer.MAX_VALUE;
    }
    return Math.max(1, (long) (Double.parseDouble(seconds) * 1000));
  }
}
