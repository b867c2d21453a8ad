package io.serin.statistics.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Data that vectors name but do not carry: published data sets and moments. */
final class Fixtures {
  private static final JsonNode ALL = read("/vector-data.json");

  private Fixtures() {}

  static JsonNode moments(String name) {
    JsonNode node = ALL.path(name);
    if (node.isMissingNode()) {
      throw new IllegalArgumentException("no data is known under the name " + name);
    }
    return node.has("same_as") ? moments(node.get("same_as").asText()) : node;
  }

  static JsonNode read(String resource) {
    try (InputStream in =
        Objects.requireNonNull(Fixtures.class.getResourceAsStream(resource), resource)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
