package io.serin.openai;

/** A failure that a client is told in OpenAI's shape. */
public final class OpenAiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient OpenAiError error;

  public OpenAiException(OpenAiError error) {
    super(error.message());
    this.error = error;
  }

  public OpenAiError error() {
    return error;
  }
}
