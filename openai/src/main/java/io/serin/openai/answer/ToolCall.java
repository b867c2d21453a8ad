package io.serin.openai.answer;

/**
 * A call of a tool that an answer asks for. Serin compares it and never makes it.
 *
 * @param arguments as the model wrote them: JSON where it kept to the API
 */
public record ToolCall(String name, String arguments) {
  /** The name alone: arguments may hold what a user said. */
  @Override
  public String toString() {
    return "ToolCall[name=" + name + "]";
  }
}
