package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Command;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router as a process of its own, without Kafka, that is told to end while it serves. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class DrainTest {

  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final String READY = "serin-ready ";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Vertx vertx;
  private Upstream model;
  private Process router;
  private String url;
  private String adminUrl;
  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    vertx = Vertx.vertx();
    model = new Upstream(vertx);
    keep(Commands.assistant(1, model.url(), model.url(), 0));
    router =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.serin.router.RouterCommand",
                "--kafka=127.0.0.1:1",
                "--registry=http://127.0.0.1:1",
                "--data=" + folder,
                "--port=0",
                "--admin-port=0")
            .redirectError(folder.resolve("err.log").toFile())
            .start();
    String ready = ready(router);
    url = RouterTestBase.json(ready).path("url").asText();
    adminUrl = RouterTestBase.json(ready).path("adminUrl").asText();
  }

  @AfterEach
  void stop() {
    router.destroyForcibly();
    http.close();
    model.close();
    vertx.close().await();
  }

  @Test
  void shouldFinishStreamsAndTakeNothingNewWhenToldToEnd() throws Exception {
    CompletableFuture<HttpServerResponse> streaming = new CompletableFuture<>();
    model.does(
        request -> {
          HttpServerResponse response = Upstream.sse(request);
          response.write(Upstream.ROLE + Upstream.CHUNK.formatted("one"));
          streaming.complete(response);
        });
    HttpResponse<InputStream> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(RouterTestBase.body(true)))
                .build(),
            BodyHandlers.ofInputStream());

    router.destroy(); // SIGTERM

    try (InputStream body = answer.body()) {
      until("the router is not ready any more", () -> status(adminUrl + "/health/ready") == 503);
      until("nobody listens", () -> status(url + "/v1/models") == 0);
      HttpServerResponse response = streaming.get(10, TimeUnit.SECONDS);
      response.write(Upstream.CHUNK.formatted("two"));
      response.end(Upstream.STOP + Upstream.DONE);
      assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
          .contains("one", "two")
          .endsWith(Upstream.DONE);
    }
    assertThat(router.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(folder.resolve("err.log"))).doesNotContain("drain-cut");
  }

  /** What the router serves by where Kafka is away. */
  private void keep(Command command) throws IOException {
    try (DataFileWriter<Command> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(Command.class))) {
      writer.create(Command.getClassSchema(), folder.resolve("commands.avro").toFile());
      writer.append(command);
    }
  }

  private static String ready(Process process) throws IOException {
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(READY)) {
        return line.substring(READY.length());
      }
    }
    throw new AssertionError("the router ended before it was ready");
  }

  private int status(String address) throws InterruptedException {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(address)).timeout(BOUND).build(),
              BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private interface Condition {
    boolean holds() throws InterruptedException;
  }

  private static void until(String what, Condition condition) throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
