package io.serin.router.upstream;

import org.jspecify.annotations.Nullable;

/**
 * Where a connection to a model server stands.
 *
 * <pre>
 *   Idle ──send──► Asked ──head──► Answering ──last byte──► Answered ──┐
 *    ▲              │ ▲                                      nothing    │
 *    │           1xx│ │its end                               came with  │
 *    │              ▼ │                                      it         │
 *    │            Interim                                               │
 *    └──────────────────────────────────────────────────────────────────┘
 *   any ──lost, or what was not asked for──► Closed
 * </pre>
 */
sealed interface ConnectionState {

  /**
   * No call.
   *
   * @param fresh whether it has carried no call yet
   */
  record Idle(boolean fresh) implements ConnectionState {}

  /**
   * A call's request is sent; nothing of its answer is there.
   *
   * @param sentNanos when
   * @param reused whether the connection had been idle before
   */
  record Asked(PendingAnswer call, long sentNanos, boolean reused) implements ConnectionState {}

  /** An interim answer (1xx) is being read, and skipped. */
  record Interim(Asked asked) implements ConnectionState {}

  /**
   * An answer is being read.
   *
   * @param keepNanos how long the server keeps the connection open afterwards; 0 if it does not
   */
  record Answering(PendingAnswer call, long keepNanos) implements ConnectionState {}

  /** The answer is complete; whether bytes came with it that belong to none is not known yet. */
  record Answered(long keepNanos) implements ConnectionState {}

  /**
   * Nothing more is sent or read.
   *
   * @param unfinished the call that fails once the channel is closed; null if there is none
   * @param stale whether the connection was lost just as an idle one was used
   */
  record Closed(@Nullable PendingAnswer unfinished, boolean stale) implements ConnectionState {}

  /** The call in progress; null if there is none. */
  default @Nullable PendingAnswer call() {
    return switch (this) {
      case Idle _, Answered _ -> null;
      case Closed closed -> closed.unfinished();
      case Asked asked -> asked.call();
      case Interim interim -> interim.asked().call();
      case Answering answering -> answering.call();
    };
  }
}
