package io.serin.router.attempt;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Address;
import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Variant;
import io.serin.router.upstream.UpstreamRequest;

/**
 * What to ask a variant, and how long to wait.
 *
 * @param path the endpoint's path below the variant's base URL, with its query
 * @param endpoint what is asked for
 * @param headers the client's headers that may pass
 * @param body the body for this variant
 * @param filter changes what the client may see of a stream
 * @param wantsStream whether the client asked for a stream
 * @param keptTextChars how much of the answer's text is kept
 * @param deadlines how long to wait
 */
@SuppressWarnings("ArrayRecordComponent") // Made for every call, never compared.
public record Call(
    String path,
    Endpoint endpoint,
    HttpHeaders headers,
    byte[] body,
    EventFilter filter,
    boolean wantsStream,
    int keptTextChars,
    CallDeadlines deadlines) {

  /**
   * The request to one server of the variant.
   *
   * @throws IllegalArgumentException if it cannot be sent: a header or the target is not valid
   */
  UpstreamRequest request(Address server, Variant variant) {
    HttpHeaders all = Headers.toVariant(headers, variant);
    all.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    return UpstreamRequest.post(server.target(path), all, body);
  }
}
