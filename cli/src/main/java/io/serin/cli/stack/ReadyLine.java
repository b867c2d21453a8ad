package io.serin.cli.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines by which processes say that they answer. */
public final class ReadyLine {

  private static final String PREFIX = "serin-ready ";
  private static final Pattern QUARKUS =
      Pattern.compile(" started in .*Listening on: (http://[0-9A-Za-z.:\\[\\]]+:\\d+)");
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReadyLine() {}

  /** Serin's own: {@code serin-ready {"service":"router","url":"http://127.0.0.1:8080"}}. */
  public static Optional<Map<String, String>> serin(String line) {
    if (!line.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(line.substring(PREFIX.length()));
      Map<String, String> details = new LinkedHashMap<>();
      json.properties().forEach(field -> details.put(field.getKey(), field.getValue().asText()));
      return Optional.of(details);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** The broker's, which Kafka logs itself. */
  public static Optional<Map<String, String>> kafka(String line) {
    return line.contains("Kafka Server started") ? Optional.of(Map.of()) : Optional.empty();
  }

  /** The registry's, which is a Quarkus application. */
  public static Optional<Map<String, String>> quarkus(String line) {
    Matcher matcher = QUARKUS.matcher(line);
    return matcher.find() ? Optional.of(Map.of("url", matcher.group(1))) : Optional.empty();
  }
}
