package io.serin.cli.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.comparison.PortException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An OpenAI-compatible endpoint that is posted JSON to. Rate limits and server errors are tried
 * again, three times in all. Thread-safe.
 */
final class Endpoint {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 3;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final String base;
  private final @Nullable String key;

  /**
   * @param base URL up to /v1
   * @param key the bearer token; null for none
   */
  Endpoint(String base, @Nullable String key) {
    this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    this.key = key;
  }

  JsonNode post(String path, JsonNode body) throws PortException {
    URI uri = URI.create(base + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    if (key != null && !key.isBlank()) {
      request.header("authorization", "Bearer " + key);
    }
    PortException last = new PortException(uri + " was not asked");
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          return JSON.readTree(response.body());
        }
        last = new PortException(uri + " answered with status " + response.statusCode());
        if (response.statusCode() != 429 && response.statusCode() < 500) {
          throw last;
        }
        Thread.sleep(500L * attempt);
      } catch (JsonProcessingException e) {
        throw new PortException(uri + " answered with what is not JSON", e);
      } catch (IOException e) {
        last = new PortException(uri + " cannot be reached: " + e, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PortException(uri + ": interrupted", e);
      }
    }
    throw last;
  }
}
