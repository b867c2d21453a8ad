package io.serin.cli.control;

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
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client of analytics' control API. Each call blocks, at most {@link #TIMEOUT}; only watching
 * takes longer. Thread-safe.
 *
 * <p>Errors: {@link ControlException} says what was refused and why, or that nothing answers.
 */
public final class ControlClient {

  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA = "data: ";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI base;
  private final @Nullable String token;

  /**
   * Who asks for a change, and why.
   *
   * @param by who asks, for the audit; a token's own name takes precedence
   * @param reason why; may be empty
   * @param key idempotency key: a second request with the same key changes nothing; null for none
   * @param expectedRevision the change is refused if the rollout has another one; null for any
   */
  public record Ask(
      String by, String reason, @Nullable String key, @Nullable Long expectedRevision) {
    /** Without key and revision. */
    public static Ask by(String by, String reason) {
      return new Ask(by, reason, null, null);
    }

    /** The same with a key, so that it can be sent repeatedly and takes effect once. */
    public Ask repeatable(Supplier<String> keys) {
      return key == null ? new Ask(by, reason, keys.get(), expectedRevision) : this;
    }
  }

  /**
   * @param base of the API, such as http://127.0.0.1:8090
   */
  public ControlClient(URI base) {
    this(base, null);
  }

  /**
   * @param token sent with each call; null for none
   */
  public ControlClient(URI base, @Nullable String token) {
    String text = base.toString();
    this.base = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    this.token = token;
  }

  /** Applies a rollout file; refused where a run that has not ended would start over. */
  public JsonNode apply(String yaml, Ask ask) throws ControlException, InterruptedException {
    return apply(yaml, ask, false);
  }

  /**
   * Applies a rollout file.
   *
   * @param restart whether a run that has not ended may be replaced by a new one
   */
  public JsonNode apply(String yaml, Ask ask, boolean restart)
      throws ControlException, InterruptedException {
    HttpRequest.Builder request =
        asking(file("/v1/rollouts" + (restart ? "?restart=true" : ""), yaml), ask);
    if (ask.key() != null) {
      request.header("idempotency-key", ask.key());
    }
    if (ask.expectedRevision() != null) {
      request.header("x-serin-expected-revision", ask.expectedRevision().toString());
    }
    return send(request.build());
  }

  /** Pauses every rollout, and those that are applied from now on; or resumes what that paused. */
  public JsonNode freezeAll(boolean freeze, Ask ask) throws ControlException, InterruptedException {
    return send(
        asking(to(freeze ? "/v1/freeze" : "/v1/unfreeze").POST(BodyPublishers.noBody()), ask)
            .build());
  }

  /** Deletes a retired rollout; its audit stays. */
  public JsonNode delete(String rollout) throws ControlException, InterruptedException {
    return send(to("/v1/rollouts/" + encoded(rollout)).DELETE().build());
  }

  private static HttpRequest.Builder asking(HttpRequest.Builder request, Ask ask) {
    request.header("x-serin-who", headerText(ask.by()));
    if (!ask.reason().isBlank()) {
      request.header("x-serin-reason", headerText(ask.reason()));
    }
    return request;
  }

  /** What applying a file would change. */
  public JsonNode diff(String yaml) throws ControlException, InterruptedException {
    return send(file("/v1/diff", yaml).build());
  }

  /** All rollouts. */
  public JsonNode list() throws ControlException, InterruptedException {
    return send(to("/v1/rollouts?limit=1000").GET().build());
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

  /**
   * What happened to a rollout, oldest first.
   *
   * @param before a time, or null for the newest steps
   */
  public JsonNode history(String rollout, int limit, @Nullable String before)
      throws ControlException, InterruptedException {
    String query = "?limit=" + limit + (before == null ? "" : "&before=" + encoded(before));
    return send(to("/v1/rollouts/" + encoded(rollout) + "/history" + query).GET().build());
  }

  /** The JSON Schema of rollout files. */
  public JsonNode schema() throws ControlException, InterruptedException {
    return send(to("/v1/rollout.schema.json").GET().build());
  }

  /** Asks for the rollout's candidates to be taken out of traffic. */
  public JsonNode rollback(String rollout, String by, String reason)
      throws ControlException, InterruptedException {
    return act(rollout, "rollback", Ask.by(by, reason), null);
  }

  /**
   * Asks for a change.
   *
   * @param kind pause, resume, promote, rollback, abort, retire or clear-trip
   * @param variant the one concerned, or null
   */
  public JsonNode act(String rollout, String kind, Ask ask, @Nullable String variant)
      throws ControlException, InterruptedException {
    ObjectNode action = JSON.createObjectNode();
    action.put("kind", kind);
    action.put("who", ask.by());
    if (!ask.reason().isBlank()) {
      action.put("reason", ask.reason());
    }
    if (ask.key() != null) {
      action.put("idempotencyKey", ask.key());
    }
    if (ask.expectedRevision() != null) {
      action.put("expectedRevision", ask.expectedRevision());
    }
    if (variant != null) {
      action.put("variant", variant);
    }
    return send(
        to("/v1/rollouts/" + encoded(rollout) + "/actions")
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(action.toString()))
            .build());
  }

  /**
   * Hands over a rollout as it is and each time that it changes, until the connection ends.
   *
   * @throws ControlException 0 where it ended, or was never there
   */
  public void watch(String rollout, Consumer<JsonNode> news)
      throws ControlException, InterruptedException {
    HttpRequest request =
        authorized(URI.create(base + "/v1/rollouts/" + encoded(rollout) + "/watch")).build();
    try {
      HttpResponse<Stream<String>> response = http.send(request, BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        if (response.statusCode() != 200) {
          throw new ControlException(
              response.statusCode(),
              explanation(response.statusCode(), lines.collect(Collectors.joining("\n"))));
        }
        Iterator<String> each = lines.iterator();
        while (each.hasNext()) {
          String line = each.next();
          if (line.startsWith(DATA)) {
            news.accept(JSON.readTree(line.substring(DATA.length())));
          }
        }
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      throw silent(e);
    }
    throw new ControlException(0, "the control API at " + base + " ended the connection");
  }

  private HttpRequest.Builder file(String path, String yaml) {
    return to(path).header("content-type", "application/yaml").POST(BodyPublishers.ofString(yaml));
  }

  private HttpRequest.Builder to(String path) {
    return authorized(URI.create(base + path)).timeout(TIMEOUT);
  }

  private HttpRequest.Builder authorized(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    return token == null ? request : request.header("authorization", "Bearer " + token);
  }

  private JsonNode send(HttpRequest request) throws ControlException, InterruptedException {
    HttpResponse<String> response;
    try {
      response = http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw silent(e);
    }
    if (response.statusCode() / 100 != 2) {
      throw new ControlException(
          response.statusCode(), explanation(response.statusCode(), response.body()));
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new ControlException(
          response.statusCode(), "what answers at " + base + " is not Serin's control API");
    }
  }

  private ControlException silent(Exception e) {
    return new ControlException(
        0,
        "the control API at "
            + base
            + " does not answer ("
            + e
            + "): is analytics running? --control or SERIN_CONTROL names another address");
  }

  private static String explanation(int status, String body) {
    try {
      JsonNode error = JSON.readTree(body).path("error");
      String message = error.path("message").asText("");
      String field = error.path("field").asText("");
      String line = error.path("line").asText("");
      if (!message.isEmpty()) {
        return (line.isEmpty() || message.startsWith("line ") ? "" : "line " + line + ": ")
            + (field.isEmpty() || message.contains(field) ? "" : field + ": ")
            + message
            + (status == 401 ? ": SERIN_TOKEN or --token-file gives it" : "");
      }
    } catch (JsonProcessingException e) {
      // The status is all there is.
    }
    return "HTTP " + status;
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Headers carry ASCII: the rest is percent-encoded, and what would look as if it were. */
  private static String headerText(String text) {
    StringBuilder safe = new StringBuilder();
    byte[] bytes = text.replaceAll("%(?=[0-9A-Fa-f]{2})", "%25").getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (b >= 0x20 && b < 0x7f) {
        safe.append((char) b);
      } else {
        safe.append('%').append("%02X".formatted(b & 0xff));
      }
    }
    return safe.toString();
  }
}
