package io.serin.comparison.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a text is JSON, and keeps to a JSON Schema (draft 2020-12 unless the schema names
 * another). Schemas are never fetched. Thread-safe.
 */
public final class JsonCheck {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Schemas that are kept read; beyond it each is read anew. */
  private static final int KEPT = 256;

  /** Made when the first schema is met: most requests have none. */
  private static final class Factory {
    static final JsonSchemaFactory INSTANCE =
        JsonSchemaFactory.getInstance(
            VersionFlag.V202012,
            builder ->
                builder.schemaLoaders(loaders -> loaders.add(iri -> refuse(iri.toString()))));
  }

  private final Map<String, JsonSchema> schemas = new ConcurrentHashMap<>();

  /** The value of a text that is nothing but one JSON value; null where it is not. */
  public static @Nullable JsonNode read(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      JsonNode node = JSON.readTree(text);
      return node.isMissingNode() ? null : node;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Whether a text is a JSON object or array, as an answer in JSON is. */
  public static boolean isDocument(@Nullable String text) {
    if (text == null) {
      return false;
    }
    String start = text.stripLeading();
    if (!start.startsWith("{") && !start.startsWith("[")) {
      return false;
    }
    JsonNode node = read(text);
    return node != null && node.isContainerNode();
  }

  /**
   * Whether a text keeps to a schema; null where the schema itself cannot be used: not JSON, or
   * with references to elsewhere.
   */
  public @Nullable Boolean keepsTo(@Nullable String text, String schema) {
    JsonNode node = read(text);
    if (node == null) {
      return false;
    }
    try {
      JsonSchema read = schemas.get(schema);
      if (read == null) {
        JsonNode parsed = read(schema);
        if (parsed == null) {
          return null;
        }
        read = Factory.INSTANCE.getSchema(parsed);
        if (schemas.size() < KEPT) {
          schemas.put(schema, read);
        }
      }
      return read.validate(node).isEmpty();
    } catch (JsonSchemaException e) {
      return null;
    }
  }

  private static com.networknt.schema.resource.InputStreamSource refuse(String iri) {
    throw new JsonSchemaException("a schema at " + iri + " is not fetched");
  }
}
