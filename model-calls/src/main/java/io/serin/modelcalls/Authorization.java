package io.serin.modelcalls;

/** What a call of a variant is authorized by. */
public sealed interface Authorization {

  /** The client's own header, if it sent one. */
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

  /**
   * The variant's own credential, unchanged, in a header of its own. Never shown.
   *
   * @param name the header's name, lower case
   */
  record OwnHeader(String name, String value) implements Authorization {
    @Override
    public String toString() {
      return "OwnHeader[" + name + ", hidden]";
    }
  }

  /**
   * The variant's credential cannot be read: nothing is sent, and never the client's.
   *
   * @param reason the reference, what is wrong with it, and the fix; never the secret
   */
  record Unavailable(String reason) implements Authorization {}
}
