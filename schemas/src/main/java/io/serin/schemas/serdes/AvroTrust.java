package io.serin.schemas.serdes;

import io.serin.schemas.EventId;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro that the generated records may be instantiated: from 1.12.2 on it reads only into
 * classes that were named. Every serde does so by itself; code that reads or writes generated
 * records without one calls {@link #ensure}.
 */
public final class AvroTrust {

  private static final String PACKAGE = EventId.class.getPackageName();

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(PACKAGE)));
  }

  private AvroTrust() {}

  /** Idempotent and thread-safe: the class's initialisation does it once. */
  public static void ensure() {}
}
