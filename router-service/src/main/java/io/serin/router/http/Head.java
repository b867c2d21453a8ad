package io.serin.router.http;

import io.netty.handler.codec.http.HttpHeaders;

/** Status and headers that a variant answered. */
public record Head(int status, HttpHeaders headers) {

  /** Whether the status is 2xx. */
  public boolean isOk() {
    return status >= 200 && status < 300;
  }

  /** Whether another server may do better: this one has no time, or is not up. */
  public boolean isBusy() {
    return status == 429 || (status >= 502 && status <= 504);
  }
}
