package io.serin.router.rollout;

/** What is sent to a variant as its Authorization header. */
public sealed interface Authorization {

  /** The client's own header, where it sent one. */
  record OfClient() implements Authorization {}

  /** The variant's own credential. Never shown. */
  record Bearer(String token) implements Authorization {
    /** The header's value. */
    public String header() {
      return "Bearer " + token;
    }

    @Override
    public String toString() {
      return "Bearer[hidden]";
    }
  }

  /** The variant's credential cannot be read: nothing is sent, and never the client's. */
  record Unavailable(String reference) implements Authorization {}
}
