package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.access.Access;
import io.serin.router.capture.PayloadCapture;
import io.serin.router.exchange.ApiSettings;
import io.serin.router.exchange.DataPlane;
import io.serin.router.exchange.ProxySettings;
import io.serin.router.feedback.RequestIds;
import io.serin.router.front.RouterServer;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.RouterClock;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.TripStore;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A router on real sockets between a client and two model servers that do as they are told. */
abstract class RouterTestBase {

  static final ObjectMapper JSON = new ObjectMapper();
  static final String PAYLOAD_KEY = Base64.getEncoder().encodeToString(new byte[32]);
  static final String CHAT = "/v1/chat/completions";

  final EvidenceInMemory evidence = new EvidenceInMemory();
  final RequestIds ids =
      new RequestIds(List.of("0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
  final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  Vertx vertx;
  Upstream control;
  Upstream candidate;
  RolloutTables tables;
  PayloadCapture capture;
  RouterServer router;
  PrometheusMeterRegistry registry;
  long revision;

  @BeforeEach
  void startRouter() {
    vertx = Vertx.vertx();
    control = new Upstream(vertx).does(Upstream.text("from control"));
    candidate = new Upstream(vertx).does(Upstream.text("from candidate"));
    tables =
        new RolloutTables(
            new UnitHasher("a salt for tests".getBytes(StandardCharsets.UTF_8)),
            new Credentials(Map.of("CANDIDATE_KEY", "candidate-secret")),
            TripStore.none(),
            policy());
    capture =
        new PayloadCapture(
            evidence::payload,
            reference -> "env:KEY".equals(reference) ? PAYLOAD_KEY : null,
            text -> "hash-of-" + text.length(),
            System::nanoTime,
            100);
    registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    DataPlane plane =
        new DataPlane(
            "router-1",
            tables,
            evidence,
            ids,
            capture,
            new RouterMetrics(registry),
            clock(),
            settings(),
            access());
    router =
        RouterServer.start(
            new RouterServer.Listen("127.0.0.1", 0, "127.0.0.1", 0, 2, Duration.ofSeconds(5)),
            plane,
            registry,
            () -> tables.current().all().isEmpty() ? Optional.of("no commands") : Optional.empty());
  }

  @AfterEach
  void stopRouter() {
    router.close();
    capture.close();
    http.close();
    vertx.close().await();
    assertThat(evidence.mistakes()).isEmpty();
    assertThat(evidence.underWay()).isEmpty();
  }

  ProxySettings settings() {
    return new ProxySettings(1 << 20, 1 << 20, 16 << 10, 64 << 10, 100, true, clients(), api());
  }

  ClientBounds clients() {
    return ClientBounds.DEFAULT;
  }

  RouterClock clock() {
    return RouterClock.system();
  }

  Access access() {
    return Access.OPEN;
  }

  ApiSettings api() {
    return ApiSettings.DEFAULT;
  }

  TripPolicy policy() {
    // Out of reach: only the trip's own test wants it to fire.
    return new TripPolicy(1000, 1000, 1000);
  }

  /** A command that gives the candidate that many of the 10000 slots. */
  Command command(int candidateSlots) {
    return Commands.assistant(++revision, control.url(), candidate.url(), candidateSlots);
  }

  /** Gives the candidate that many of the 10000 slots. */
  void split(int candidateSlots) {
    adopt(command(candidateSlots));
  }

  void adopt(Command command) {
    tables.adopt(command).toCompletableFuture().join();
  }

  static String body(boolean stream) {
    return "{\"model\":\"assistant\",\"stream\":"
        + stream
        + ",\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  }

  HttpResponse<String> chat(boolean stream) {
    return post(CHAT, body(stream));
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return send(request(path, body, headers));
  }

  HttpRequest request(String path, String body, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(router.url() + path))
            .timeout(Duration.ofSeconds(20))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return (headers.length == 0 ? builder : builder.headers(headers)).build();
  }

  HttpResponse<String> get(String url) {
    return send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(20)).build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("the client saw an error", e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  HttpResponse<InputStream> open(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode json(HttpResponse<String> response) {
    return json(response.body());
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  static String textOf(HttpResponse<String> response) {
    return json(response).at("/choices/0/message/content").asText();
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
