package io.serin.router.journal;

import org.jspecify.annotations.Nullable;

/** What a frame records. The codes are on disk: never change one. */
enum FrameType {
  /** A ticket was opened; the payload is the event to publish if it is never closed. */
  BEGIN(1),
  /** An event to publish; where it names a ticket, an attempt that was not the last. */
  EVENT(2),
  /** An event to publish that closes its ticket. */
  CLOSING_EVENT(3),
  /** A ticket was closed and its event did not fit. */
  CLOSE(4),
  /** The next sequence of every series, at the head of a segment. */
  SERIES(5);

  private static final FrameType[] BY_CODE = {null, BEGIN, EVENT, CLOSING_EVENT, CLOSE, SERIES};

  final int code;

  FrameType(int code) {
    this.code = code;
  }

  static @Nullable FrameType of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  boolean isEvent() {
    return this == EVENT || this == CLOSING_EVENT;
  }
}
