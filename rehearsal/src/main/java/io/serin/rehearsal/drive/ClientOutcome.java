package io.serin.rehearsal.drive;

/** How a request ended for the client. */
public enum ClientOutcome {
  /** A whole answer with a 2xx status. */
  OK,
  /** A whole answer with another status. */
  HTTP_ERROR,
  /** No connection was made: the request never left. */
  NEVER_CONNECTED,
  /** The connection was lost before the status came. */
  LOST,
  /** The answer stopped before its end, or the stream contained an error. */
  CUT,
  /** A 2xx answer without text. */
  EMPTY,
  /** A 2xx answer that is not what OpenAI's API says it is. */
  MALFORMED,
  /** The client's own deadline passed. */
  TIMEOUT
}
