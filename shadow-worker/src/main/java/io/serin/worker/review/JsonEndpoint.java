package io.serin.worker.review;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.comparison.review.PortException;
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
 * again. Thread-safe.
 */
public final class JsonEndpoint {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * How long an answer may take, and how often is asked for it in all.
   *
   * @param attempts 1 or more
   */
  public record Patience(Duration answer, int attempts) {
    /** For somebody who waits for a report: a minute, three times. */
    public static final Patience OF_A_REPORT = new Patience(Duration.ofSeconds(60), 3);
  }

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  private final String base;
  private final @Nullable String key;
  private final Patience patience;

  /**
   * @param base URL up to /v1
   * @param key the bearer token; null for none
   */
  public JsonEndpoint(String base, @Nullable String key, Patience patience) {
    this.patience = patience;
    this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    this.key = key;
  }

  JsonNode post(String path, JsonNode body) throws PortException {
    URI uri = URI.create(base + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(patience.answer())
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    if (key != null && !key.isBlank()) {
      request.header("authorization", "Bearer " + key);
    }
    PortException last = new PortException(uri + " was not asked");
    for (int attempt = 1; attempt <= patience.attempts(); attempt++) {
      try {
        HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          return JSON.readTree(response.body());
        }
        last = new PortException(uri + " answered with status " + response.statusCode());
        if (response.statusCode() != 429 && response.statusCode() < 500) {
          throw last;
        }
        if (attempt < patience.attempts()) {
          Thread.sleep(500L * attempt);
        }
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
