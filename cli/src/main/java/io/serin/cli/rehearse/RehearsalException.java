package io.serin.cli.rehearse;

/** A rehearsal that cannot begin or go on; the message is for a person. */
final class RehearsalException extends Exception {

  private static final long serialVersionUID = 1L;

  RehearsalException(String message) {
    super(message);
  }

  RehearsalException(String message, Throwable cause) {
    super(message, cause);
  }
}
