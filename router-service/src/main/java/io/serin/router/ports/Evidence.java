package io.serin.router.ports;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;

/**
 * Where the data plane leaves what happened. Never blocks on I/O other than mapped memory and never
 * throws: evidence must not fail a request. What cannot be kept is counted as dropped. Thread-safe.
 *
 * <p>The implementation gives each event its id; callers leave {@link RequestEvent#getId()} unset.
 */
public interface Evidence {

  /**
   * Records that a client's request was read, before any variant is called.
   *
   * @param ifRouterDies the event to publish, once, should this process die before {@link #end}:
   *     outcome and client outcome ROUTER_DIED, last = true
   * @return the ticket that {@link #attempt} and {@link #end} name
   */
  long begin(RequestEvent ifRouterDies);

  /** Records an attempt that was not the request's last. */
  void attempt(long ticket, RequestEvent event);

  /** Records the request's last attempt; called before the last byte leaves for the client. */
  void end(long ticket, RequestEvent last);

  /**
   * Records that an attempt is still running. Where the journal is half full it is dropped: room is
   * kept for requests, whose ends say the same later.
   */
  void progress(ProgressEvent event);

  /**
   * Records feedback for a served request.
   *
   * @return false where there is no room for it: room is kept for requests
   */
  boolean feedback(FeedbackEvent event);

  /** Hands over a captured payload, best effort: payloads are never journalled. */
  void payload(CapturedPayload payload);
}
