package io.serin.schemas.serdes;

import org.apache.kafka.common.errors.SerializationException;

/** The registry refused or could not be reached. */
public final class SchemaRegistryException extends SerializationException {

  private static final long serialVersionUID = 1L;

  /** HTTP status of the answer; 0 where there was none. */
  private final int status;

  public SchemaRegistryException(String message, int status) {
    super(message);
    this.status = status;
  }

  public SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
  }

  /** HTTP status of the answer; 0 where the registry was not reached. */
  public int status() {
    return status;
  }

  /** Whether asking again later may help. */
  public boolean retriable() {
    return status == 0 || status == 408 || status == 429 || status >= 500;
  }
}
