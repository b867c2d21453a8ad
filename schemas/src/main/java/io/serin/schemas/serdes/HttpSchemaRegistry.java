package io.serin.schemas.serdes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A registry behind Confluent's HTTP API: Confluent's own, Apicurio's ({@code /apis/ccompat/v7}) or
 * Karapace. Thread-safe. Asks each of its URLs in turn and, if none answers, again for {@link
 * #RETRY_CONFIG}: a registry that restarts is not an error. The settings have the names that
 * Confluent's own client gives them.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {

  /** How long to keep asking a registry that does not answer, in milliseconds. Default 60000. */
  public static final String RETRY_CONFIG = "schema.registry.retry.ms";

  /**
   * How long an id must stay unknown, in milliseconds, before a record that names it is given up.
   * Default 10000.
   */
  public static final String UNKNOWN_CONFIG = "schema.registry.unknown.id.ms";

  /** Every subject of Serin's begins so: docs/topics.md. */
  static final String OURS = "serin";

  /** Unknown ids that are remembered; beyond them each record waits by itself. */
  private static final int MAX_UNKNOWN = 10_000;

  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> urls;
  private final @Nullable String authorization;
  private final Duration retryFor;
  private final Duration unknownFor;
  private final HttpClient client;
  private final Set<Integer> unknown = ConcurrentHashMap.newKeySet();

  HttpSchemaRegistry(
      List<String> urls,
      @Nullable String authorization,
      Duration retryFor,
      Duration unknownFor,
      HttpClient client) {
    this.urls = urls;
    this.authorization = authorization;
    this.retryFor = retryFor;
    this.unknownFor = unknownFor;
    this.client = client;
  }

  static HttpSchemaRegistry of(Map<String, ?> config) {
    List<String> urls = new ArrayList<>();
    for (String url : String.valueOf(config.get(URL_CONFIG)).split(",")) {
      urls.add(checked(url.strip()));
    }
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(TIMEOUT);
    RegistryTls.context(config).ifPresent(client::sslContext);
    return new HttpSchemaRegistry(
        urls,
        authorization(config),
        millis(config, RETRY_CONFIG, 60_000),
        millis(config, UNKNOWN_CONFIG, 10_000),
        client.build());
  }

  @Override
  public int register(String subject, Schema schema) {
    return id(post("/subjects/" + encoded(subject) + "/versions", schema), subject);
  }

  @Override
  public int idOf(String subject, Schema schema) {
    return id(post("/subjects/" + encoded(subject), schema), subject);
  }

  @Override
  public Schema byId(int id) {
    if (unknown.contains(id)) {
      throw SchemaRegistryException.unknownId(id);
    }
    long deadline = System.nanoTime() + unknownFor.toNanos();
    while (true) {
      try {
        return schema(id);
      } catch (SchemaRegistryException e) {
        if (e.status() != 404 || !knowsSerin()) {
          throw e;
        }
        if (System.nanoTime() - deadline >= 0) {
          if (unknown.size() < MAX_UNKNOWN) {
            unknown.add(id);
          }
          throw SchemaRegistryException.unknownId(id);
        }
        pause();
      }
    }
  }

  /** Whether this registry, which has just denied an id, holds any subject of Serin's. */
  private boolean knowsSerin() {
    for (JsonNode subject : ask("/subjects", null)) {
      if (subject.asText().startsWith(OURS)) {
        return true;
      }
    }
    return false;
  }

  private Schema schema(int id) {
    JsonNode answer = ask("/schemas/ids/" + id, null);
    JsonNode schema = answer.get("schema");
    if (schema == null) {
      throw new SchemaRegistryException("the registry's answer for id " + id + " has no schema", 0);
    }
    return new Schema.Parser().parse(schema.asText());
  }

  private JsonNode post(String path, Schema schema) {
    return ask(path, JSON.createObjectNode().put("schema", schema.toString()).toString());
  }

  private static int id(JsonNode answer, String subject) {
    JsonNode id = answer.get("id");
    if (id == null || !id.canConvertToInt()) {
      throw new SchemaRegistryException("the registry's answer for " + subject + " has no id", 0);
    }
    return id.asInt();
  }

  private JsonNode ask(String path, @Nullable String body) {
    long deadline = System.nanoTime() + retryFor.toNanos();
    while (true) {
      SchemaRegistryException last = null;
      for (String url : urls) {
        try {
          return once(url + path, body);
        } catch (SchemaRegistryException e) {
          if (!e.passing()) {
            throw e;
          }
          last = e;
        }
      }
      if (last != null && System.nanoTime() - deadline > 0) {
        throw last;
      }
      pause();
    }
  }

  private JsonNode once(String url, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(TIMEOUT)
            .header("Accept", CONTENT_TYPE + ", application/json");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (body != null) {
      request.header("Content-Type", CONTENT_TYPE).POST(BodyPublishers.ofString(body));
    }
    try {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new SchemaRegistryException(
            "schema registry "
                + url
                + " answered "
                + response.statusCode()
                + ": "
                + message(response.body()),
            response.statusCode());
      }
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new SchemaRegistryException("schema registry " + url + " did not answer with JSON", e);
    } catch (IOException e) {
      throw new SchemaRegistryException("schema registry " + url + " cannot be reached: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private static String message(String body) {
    try {
      JsonNode message = JSON.readTree(body).get("message");
      return message == null ? body : message.asText();
    } catch (JsonProcessingException e) {
      return body;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private static @Nullable String authorization(Map<String, ?> config) {
    Object user = config.get("basic.auth.user.info");
    if (user != null) {
      return "Basic "
          + Base64.getEncoder().encodeToString(user.toString().getBytes(StandardCharsets.UTF_8));
    }
    Object token = config.get("bearer.auth.token");
    return token == null ? null : "Bearer " + token;
  }

  private static Duration millis(Map<String, ?> config, String name, long otherwise) {
    Object value = config.get(name);
    try {
      return Duration.ofMillis(value == null ? otherwise : Long.parseLong(value.toString()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + ": " + value + " is not a number of milliseconds; write " + otherwise, e);
    }
  }

  private static String checked(String url) {
    if (!url.startsWith("http://") && !url.startsWith("https://")) {
      throw new IllegalArgumentException(
          URL_CONFIG
              + " is \""
              + url
              + "\": it must be a URL that starts with http:// or https://");
    }
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static String encoded(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
