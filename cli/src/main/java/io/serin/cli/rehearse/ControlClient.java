package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Applies a rollout through the control API. */
final class ControlClient {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI api;

  ControlClient(URI api) {
    this.api = api;
  }

  /**
   * Applies a file.
   *
   * @return the run it began
   * @throws RehearsalException where the controller refuses it or cannot be reached
   */
  String apply(String yaml) throws RehearsalException, InterruptedException {
    URI uri = URI.create(api.toString().replaceAll("/$", "") + "/v1/rollouts");
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .timeout(Duration.ofSeconds(30))
              .header("content-type", "application/yaml")
              .header("x-serin-who", "rehearsal")
              .header("x-serin-reason", "rehearsal")
              .POST(HttpRequest.BodyPublishers.ofString(yaml))
              .build();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode body = read(response.body());
      String run = body.path("run").asText("");
      if (response.statusCode() / 100 != 2 || run.isEmpty()) {
        JsonNode error = body.path("error");
        String field = error.path("field").asText("");
        throw new RehearsalException(
            "the controller refused the rollout (status %d): %s%s"
                .formatted(
                    response.statusCode(),
                    field.isEmpty() ? "" : field + ": ",
                    error.path("message").asText("it gave no run")));
      }
      return run;
    } catch (IOException e) {
      throw new RehearsalException("the control API at " + api + " cannot be reached: " + e, e);
    }
  }

  private static JsonNode read(String body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }
}
