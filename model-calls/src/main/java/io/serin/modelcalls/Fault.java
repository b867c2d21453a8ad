package io.serin.modelcalls;

import io.serin.schemas.Excluded;
import io.serin.schemas.Outcomes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whose fault the end of an attempt is: the one place that decides what counts against a variant,
 * in guards and trips alike (decision 0090).
 */
public enum Fault {
  /** Nothing failed. */
  NONE,

  /** The variant failed. */
  VARIANT,

  /** A status for a client's mistake. It is the variant's fault only if control serves the same. */
  CLIENT_ERROR,

  /** The first content did not come within a time that the client or the total deadline set. */
  CLIENT_DEADLINE,

  /** The client left, or the router refused or died. */
  NOBODY;

  /**
   * The fault as the attempt alone shows it.
   *
   * @param withClientsKey whether the call carried the client's own key, whose limits and rights
   *     are the client's
   * @param shareMillis the time to the first content that a candidate has because of the client's
   *     or the total deadline, where that is less than the rollout's own; null where it is not
   */
  public static Fault of(AttemptEnd end, boolean withClientsKey, @Nullable Long shareMillis) {
    if (shareMillis != null) {
      long share = TimeUnit.MILLISECONDS.toNanos(shareMillis);
      if (end.ttftNanos() < 0 ? end.durationNanos() >= share : end.ttftNanos() > share) {
        return CLIENT_DEADLINE;
      }
    }
    Integer status = end.status();
    return switch (end.outcome()) {
      case OK -> NONE;
      case HTTP_ERROR ->
          status != null && isClients(status, withClientsKey) ? CLIENT_ERROR : VARIANT;
      case CONNECT_ERROR, TIMEOUT, CUT, EMPTY, MALFORMED, CANCELLED, REJECTED -> failed(end);
      case ROUTER_DIED, UNKNOWN -> failed(end);
    };
  }

  private static Fault failed(AttemptEnd end) {
    return Outcomes.failed(end.outcome()) ? VARIANT : NOBODY;
  }

  /**
   * Whether a status speaks of the client's request. 408, 425 and 429 speak of the server's state,
   * and 401, 403 and 429 of the credential: the client's where its own key was passed on.
   */
  private static boolean isClients(int status, boolean withClientsKey) {
    return switch (status) {
      case 408, 425 -> false;
      case 401, 402, 403, 429 -> withClientsKey;
      default -> status >= 400 && status < 500;
    };
  }

  /** Whether only control's answer to the same request shows whose fault it is. */
  public boolean isOpen() {
    return this == CLIENT_ERROR || this == CLIENT_DEADLINE;
  }

  /** Why control's own attempt is no evidence; null where it is. */
  public @Nullable Excluded ofControl() {
    return switch (this) {
      case NONE, VARIANT, NOBODY -> null;
      case CLIENT_ERROR -> Excluded.CLIENT_ERROR;
      case CLIENT_DEADLINE -> Excluded.CLIENT_DEADLINE;
    };
  }

  /**
   * Why a candidate's attempt is no evidence; null where it is. A missed deadline of the client
   * counts in neither arm: of two equal models each would miss some that the other makes.
   *
   * @param control control's fault for the same request; null where control was not asked
   */
  public @Nullable Excluded ofCandidate(@Nullable Fault control) {
    return this == CLIENT_ERROR && control == NONE ? null : ofControl();
  }
}
