package io.serin.schemas;

/**
 * What an outcome means to those who count it. The one place that decides which attempts failed.
 */
public final class Outcomes {
  private Outcomes() {}

  /**
   * Whether the error rate counts an attempt as failed. A client's cancel is no failure of the
   * variant; what the router refused, or lost when it died, is no evidence at all.
   */
  public static boolean failed(Outcome outcome) {
    return switch (outcome) {
      case HTTP_ERROR, CONNECT_ERROR, TIMEOUT, CUT, EMPTY, MALFORMED -> true;
      case OK, CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> false;
    };
  }
}
