package io.serin.rollout.value;

/** What stays at its variant while weights change, besides state that only its maker can read. */
public enum Pin {
  /** Units: a ramp moves them, and their open conversations with them. */
  UNIT("unit"),
  /** Conversations, as far as a router remembers them. */
  CONVERSATION("conversation");

  private final String text;

  Pin(String text) {
    this.text = text;
  }

  /**
   * The value of a file.
   *
   * @throws InvalidField naming the value and the rule
   */
  public static Pin parse(String text) {
    for (Pin pin : values()) {
      if (pin.text.equals(text)) {
        return pin;
      }
    }
    throw new InvalidField("pin", text, "must be unit or conversation");
  }
}
