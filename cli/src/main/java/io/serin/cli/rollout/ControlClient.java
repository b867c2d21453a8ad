package io.serin.cli.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Optional;

/**
 * A client of analytics' control API. Each call blocks, at most {@link #TIMEOUT}. Thread-safe.
 *
 * <p>Errors: {@link ControlException} says what was refused and why, or that nothing answers.
 */
public final class ControlClient {

  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI base;

  /**
   * @param base of the API, such as http://127.0.0.1:8090
   */
  public ControlClient(URI base) {
    String text = base.toString();
    this.base = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }

  /**
   * Applies a rollout file.
   *
   * @param yaml the file's text
   * @param by who applies it, for the audit
   * @param reason why; may be empty
   */
  public JsonNode apply(String yaml, String by, String reason)
      throws ControlException, InterruptedException {
    HttpRequest.Builder request =
        to("/v1/rollouts")
            .header("content-type", "application/yaml")
            .header("x-serin-who", headerText(by))
            .POST(BodyPublishers.ofString(yaml));
    if (!reason.isBlank()) {
      request.header("x-serin-reason", headerText(reason));
    }
    return send(request.build());
  }

  /** All rollouts. */
  public JsonNode list() throws ControlException, InterruptedException {
    return send(to("/v1/rollouts").GET().build());
  }

  /** One rollout; empty if there is none of that name. */
  public Optional<JsonNode> get(String rollout) throws ControlException, InterruptedException {
    try {
      return Optional.of(send(to("/v1/rollouts/" + encoded(rollout)).GET().build()));
    } catch (ControlException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Asks for the rollout's candidates to be taken out of traffic. */
  public JsonNode rollback(String rollout, String by, String reason)
      throws ControlException, InterruptedException {
    ObjectNode action = JSON.createObjectNode();
    action.put("kind", "rollback");
    action.put("who", by);
    action.put("reason", reason);
    return send(
        to("/v1/rollouts/" + encoded(rollout) + "/actions")
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(action.toString()))
            .build());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT);
  }

  private JsonNode send(HttpRequest request) throws ControlException, InterruptedException {
    HttpResponse<String> response;
    try {
      response = http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new ControlException(
          0,
          "the control API at "
              + base
              + " does not answer ("
              + e
              + "): is analytics running? --control or SERIN_CONTROL names another address");
    }
    if (response.statusCode() / 100 != 2) {
      throw new ControlException(response.statusCode(), explanation(response));
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new ControlException(
          response.statusCode(), "what answers at " + base + " is not Serin's control API");
    }
  }

  private static String explanation(HttpResponse<String> response) {
    String status = "HTTP " + response.statusCode();
    try {
      JsonNode error = JSON.readTree(response.body()).path("error");
      String message = error.path("message").asText("");
      String field = error.path("field").asText("");
      String line = error.path("line").asText("");
      if (!message.isEmpty()) {
        return (line.isEmpty() ? "" : "line " + line + ": ")
            + (field.isEmpty() || message.contains(field) ? "" : field + ": ")
            + message;
      }
    } catch (JsonProcessingException e) {
      // The status is all there is.
    }
    return status;
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Headers carry ASCII: the rest is percent-encoded. */
  private static String headerText(String text) {
    StringBuilder safe = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f) {
        safe.append((char) b);
      } else {
        safe.append('%').append("%02X".formatted(b & 0xff));
      }
    }
    return safe.toString();
  }
}
