package io.serin.schemas.serdes;

import org.apache.kafka.common.errors.SerializationException;

/** The registry refused or could not be reached. */
public final class SchemaRegistryException extends SerializationException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final boolean unknownId;

  public SchemaRegistryException(String message, int status) {
    this(message, status, false);
  }

  public SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
    this.unknownId = false;
  }

  private SchemaRegistryException(String message, int status, boolean unknownId) {
    super(message);
    this.status = status;
    this.unknownId = unknownId;
  }

  /** A registry that knows Serin's subjects has no schema with this id, and keeps saying so. */
  static SchemaRegistryException unknownId(int id) {
    return new SchemaRegistryException("no schema has the id " + id, 404, true);
  }

  /** HTTP status of the answer; 0 where the registry was not reached. */
  public int status() {
    return status;
  }

  /**
   * Whether asking again later may help: the network, 401, 403, 404, 408, 429, 5xx. A credential, a
   * path or a registry's contents can be put right while a record waits. Not a schema that the
   * registry refuses, and not {@link #unknownId}.
   */
  public boolean retriable() {
    return !unknownId
        && switch (status) {
          case 0, 401, 403, 404, 408, 429 -> true;
          default -> status >= 500 || status / 100 == 3;
        };
  }

  /** Whether the registry may answer within seconds, without anybody's doing. */
  boolean passing() {
    return status == 0 || status == 408 || status == 429 || status >= 500;
  }
}
