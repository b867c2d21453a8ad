package io.serin.schemas.serdes;

import java.util.Map;
import org.apache.avro.Schema;

/**
 * The part of Confluent's schema registry API that Serin uses. Thread-safe.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">API
 *     reference</a>
 */
public interface SchemaRegistry {

  /**
   * Where the registry listens: one URL, or several separated by commas; {@code mock://NAME} for
   * one in memory.
   */
  String URL_CONFIG = "schema.registry.url";

  /**
   * False where schemas are registered by a pipeline: an unknown schema is then an error. Default
   * true.
   */
  String AUTO_REGISTER_CONFIG = "auto.register.schemas";

  /**
   * Registers a schema under a subject; the same schema again gives the same id.
   *
   * @throws SchemaRegistryException if the registry refuses (incompatible) or cannot be reached
   */
  int register(String subject, Schema schema);

  /**
   * Looks up the id of a schema that is registered under a subject.
   *
   * @throws SchemaRegistryException if it is not, or the registry cannot be reached
   */
  int idOf(String subject, Schema schema);

  /**
   * The schema that an id stands for, in any subject.
   *
   * @throws SchemaRegistryException if there is none, or the registry cannot be reached
   */
  Schema byId(int id);

  /**
   * Asks the registry for something harmless, to find wrong credentials and URLs early.
   *
   * @throws SchemaRegistryException if it refuses or cannot be reached
   */
  default void check() {}

  /**
   * The registry that a client's settings name.
   *
   * @throws IllegalArgumentException if {@link #URL_CONFIG} is missing or not a URL
   */
  static SchemaRegistry of(Map<String, ?> config) {
    Object url = config.get(URL_CONFIG);
    if (url == null || url.toString().isBlank()) {
      throw new IllegalArgumentException(
          URL_CONFIG + " is missing: it must name the schema registry");
    }
    return url.toString().startsWith(InMemorySchemaRegistry.SCHEME)
        ? InMemorySchemaRegistry.named(url.toString())
        : HttpSchemaRegistry.of(config);
  }
}
