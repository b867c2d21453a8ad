package io.serin.schemas.serdes;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * A registry inside this JVM, for tests: {@code mock://NAME} names the same one everywhere in the
 * process.
 */
public final class InMemorySchemaRegistry implements SchemaRegistry {

  static final String SCHEME = "mock://";

  private static final Map<String, InMemorySchemaRegistry> BY_URL = new ConcurrentHashMap<>();

  private final Map<Schema, Integer> ids = new HashMap<>();
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private final Map<String, Map<Schema, Integer>> subjects = new HashMap<>();

  static InMemorySchemaRegistry named(String url) {
    return BY_URL.computeIfAbsent(url, ignored -> new InMemorySchemaRegistry());
  }

  @Override
  public synchronized int register(String subject, Schema schema) {
    int id = ids.computeIfAbsent(schema, ignored -> ids.size() + 1);
    schemas.put(id, schema);
    subjects.computeIfAbsent(subject, ignored -> new HashMap<>()).put(schema, id);
    return id;
  }

  @Override
  public synchronized int idOf(String subject, Schema schema) {
    Integer id = subjects.getOrDefault(subject, Map.of()).get(schema);
    if (id == null) {
      throw new SchemaRegistryException(
          "schema " + schema.getFullName() + " is not registered under " + subject, 404);
    }
    return id;
  }

  @Override
  public synchronized Schema byId(int id) {
    Schema schema = schemas.get(id);
    if (schema == null) {
      throw SchemaRegistryException.unknownId(id);
    }
    return schema;
  }
}
