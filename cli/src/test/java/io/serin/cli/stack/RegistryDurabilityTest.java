package io.serin.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An id is never given to another schema, whenever the registry is killed.
 * docs/decisions/0003-registry-storage.md; {@code -Dserin.registry.rounds=40} looks longer.
 */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class RegistryDurabilityTest {

  private static final int ROUNDS = Integer.getInteger("serin.registry.rounds", 2);
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path data;

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger schemas = new AtomicInteger();
  private final Map<Integer, String> given = new ConcurrentHashMap<>();
  private final List<String> wrong = new ArrayList<>();

  @Test
  void shouldKeepEveryIdThatItAnswered() throws Exception {
    StackOptions options =
        StackOptions.in(data)
            .ports(Ports.ANY)
            .parts(Set.of(Part.REGISTRY))
            .startTimeout(BOUND)
            .build();
    try (Stack stack = Stack.start(options, ProgressListener.NONE)) {
      URI registry = stack.registryUrl();
      deleteForGoodTheLastOf(registry);
      for (int round = 0; round < ROUNDS; round++) {
        int threads = round % 2 == 0 ? 1 : 6;
        registerUntilKilled(stack, threads, 1 + round % 5);
        assertThat(stack.awaitAnswering("registry", BOUND)).isTrue();
        given.forEach((id, schema) -> assertKept(registry, id, schema));
      }
      register(registry);
    }
    assertThat(wrong).isEmpty();
    assertThat(given).hasSizeGreaterThan(ROUNDS);
  }

  /** The highest id belongs to a subject that is gone: it must not be given again. */
  private void deleteForGoodTheLastOf(URI registry) throws Exception {
    register(registry);
    register(registry);
    String subject = "/subjects/s" + schemas.get() + "-value";
    send(registry, "DELETE", subject, "");
    send(registry, "DELETE", subject + "?permanent=true", "");
  }

  private void registerUntilKilled(Stack stack, int threads, int answers) throws Exception {
    AtomicInteger left = new AtomicInteger(answers);
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (left.get() > 0) {
                      if (register(stack.registryUrl()) && left.decrementAndGet() == 0) {
                        stack.kill("registry");
                      }
                    }
                  }));
    }
    for (Thread thread : all) {
      thread.join();
    }
  }

  /** Whether it was answered. */
  private boolean register(URI registry) {
    int n = schemas.incrementAndGet();
    String schema =
        "{\"type\":\"record\",\"name\":\"R" + n + "\",\"namespace\":\"x\",\"fields\":[]}";
    try {
      String body = JSON.createObjectNode().put("schema", schema).toString();
      JsonNode answer = send(registry, "POST", "/subjects/s" + n + "-value/versions", body);
      String other = given.putIfAbsent(answer.path("id").asInt(), schema);
      if (other != null) {
        synchronized (wrong) {
          wrong.add(answer + " was given to " + schema + " and to " + other);
        }
      }
      return true;
    } catch (IOException e) {
      return false; // killed while it worked: nothing was promised
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertKept(URI registry, int id, String schema) {
    try {
      JsonNode answer = send(registry, "GET", "/schemas/ids/" + id, "");
      if (answer.has("schema")) {
        assertThat(JSON.readTree(answer.path("schema").asText())).isEqualTo(JSON.readTree(schema));
      } else {
        assertThat(schema).as("only what was deleted may be gone: %s", answer).contains("\"R2\"");
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonNode send(URI registry, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(registry + path))
                .header("content-type", "application/vnd.schemaregistry.v1+json")
                .timeout(Duration.ofSeconds(30))
                .method(
                    method,
                    body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() >= 500) {
      throw new IOException(response.body());
    }
    return JSON.readTree(response.body());
  }
}
