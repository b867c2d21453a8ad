package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code serin up}, as a process: what it prints, what it serves, and that it leaves nothing
 * behind.
 */
class UpIT {

  private static final String[] ANY_PORTS = {
    "--port",
    "--admin-port",
    "--control-port",
    "--worker-port",
    "--kafka-port",
    "--registry-port",
    "--model-port"
  };

  @Test
  void shouldServeAStreamAndLeaveNothingBehind(@TempDir Path data) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("up", "--json", "--routers", "2", "--data", data.toString()));
    for (String port : ANY_PORTS) {
      arguments.addAll(List.of(port, "0"));
    }
    Process up = Serin.start(arguments);
    List<ProcessHandle> children;
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(up.getInputStream(), StandardCharsets.UTF_8))) {
      JsonNode ready = ready(out);
      children = up.descendants().toList();
      assertThat(ready.get("routers")).hasSize(2);

      for (JsonNode router : ready.get("routers")) {
        HttpResponse<String> answer = stream(router.asText());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).startsWith("data: {").endsWith("data: [DONE]\n\n");
      }
    } finally {
      up.destroy();
    }

    assertThat(up.waitFor(60, TimeUnit.SECONDS)).as("it stops when asked").isTrue();
    Loop.until("every child has ended", () -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  private static JsonNode ready(BufferedReader out) throws Exception {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      System.out.println("[up] " + line);
      if (line.startsWith("{")) {
        return new ObjectMapper().readTree(line);
      }
    }
    throw new AssertionError("serin up ended before it was ready");
  }

  /** The README's curl, as soon as the router knows the demonstration's rollout. */
  private static HttpResponse<String> stream(String router) throws Exception {
    List<HttpResponse<String>> served = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      Loop.until(
          router + " serves the demonstration",
          () ->
              served.add(
                      http.send(
                          HttpRequest.newBuilder(URI.create(router + "/v1/chat/completions"))
                              .header("content-type", "application/json")
                              .header("x-user-id", "ann")
                              .POST(
                                  BodyPublishers.ofString(
                                      """
                                      {"model": "assistant", "stream": true, "messages":
                                       [{"role": "user", "content": "How do I boil an egg?"}]}
                                      """))
                              .build(),
                          BodyHandlers.ofString()))
                  && served.getLast().statusCode() == 200);
    }
    return served.getLast();
  }
}
