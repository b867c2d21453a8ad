package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * llama.cpp's own server on a free port of this machine, as docs/gateways.md starts it. The binary
 * and the model are the machine's: {@code -Dserin.llama.server=PATH -Dserin.llama.model=PATH}.
 */
final class LlamaServer implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration BOUND = Duration.ofMinutes(2);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process process;
  private final Path log;
  private final int port;

  private LlamaServer(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /** Skips the running test unless a server and a model were named; both must then be there. */
  static void needNamed() {
    String server = System.getProperty("serin.llama.server", "");
    String model = System.getProperty("serin.llama.model", "");
    Peers.need(
        !server.isEmpty() && !model.isEmpty(),
        "llama.cpp is tried with -Dserin.llama.server=PATH of llama-server and"
            + " -Dserin.llama.model=PATH of a GGUF file");
    assertThat(Path.of(server)).as("serin.llama.server").isExecutable();
    assertThat(Path.of(model)).as("serin.llama.model").isRegularFile();
  }

  /** Starts one; it may not have loaded its model yet. */
  static LlamaServer start(Path folder, String documented) throws IOException {
    int port = freePort();
    Path log = folder.resolve("llama-" + port + ".log");
    List<String> command = new ArrayList<>(List.of(documented.strip().split("\\s+", -1)));
    assertThat(command.getFirst()).isEqualTo("llama-server");
    command.set(0, System.getProperty("serin.llama.server"));
    command.set(command.indexOf("--model") + 1, System.getProperty("serin.llama.model"));
    command.set(command.indexOf("--port") + 1, Integer.toString(port));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new LlamaServer(process, log, port);
  }

  /** Waits until it answers requests. */
  LlamaServer ready() throws InterruptedException {
    Loop.until(
        "llama-server has loaded its model",
        BOUND,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError(Files.readString(log));
          }
          return get("/health").statusCode() == 200;
        });
    return this;
  }

  /** Lets it run for a few hundredths of the time until closed, so that loading takes long. */
  Slowly slowly() {
    return new Slowly(process);
  }

  /** Stops and continues a process over and over; closed, it lets it run. */
  static final class Slowly implements AutoCloseable {

    private final Process slowed;
    private final Thread thread;
    private volatile boolean over;

    private Slowly(Process slowed) {
      this.slowed = slowed;
      thread = Thread.ofPlatform().daemon().start(this::turns);
    }

    private void turns() {
      try {
        while (!over) {
          signal("STOP");
          Thread.sleep(150);
          signal("CONT");
          Thread.sleep(1);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, Long.toString(slowed.pid())).start().waitFor();
    }

    @Override
    public void close() throws IOException, InterruptedException {
      over = true;
      thread.join();
      signal("CONT");
    }
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url() + path)).timeout(BOUND).build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(BOUND)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** Slots that work on a request now. */
  long busySlots() throws IOException, InterruptedException {
    long busy = 0;
    for (JsonNode slot : JSON.readTree(get("/slots").body())) {
      busy += slot.path("is_processing").asBoolean() ? 1 : 0;
    }
    return busy;
  }

  /** Tokens that one request may have, prompt and answer together. */
  int contextTokens() throws IOException, InterruptedException {
    return JSON.readTree(get("/props").body())
        .path("default_generation_settings")
        .path("n_ctx")
        .asInt();
  }

  /** A count of its own metrics. */
  double metric(String name) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("llamacpp:" + name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    http.close();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
