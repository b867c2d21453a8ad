package io.serin.schemas.serdes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.schemas.Tick;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpSchemaRegistryTest {

  private final List<String> asked = new ArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void shouldRegisterAndLookUpAsConfluentsApiSays() {
    answer("/subjects/serin.acks-value/versions", 200, "{\"id\":41}");
    answer("/schemas/ids/41", 200, "{\"schema\":\"\\\"string\\\"\"}");
    SchemaRegistry registry = registry(Map.of());

    assertThat(registry.register("serin.acks-value", Tick.SCHEMA$)).isEqualTo(41);
    assertThat(registry.byId(41).getType()).hasToString("STRING");
    assertThat(asked.get(0))
        .startsWith("POST /subjects/serin.acks-value/versions null {\"schema\":");
  }

  @Test
  void shouldSayWhatTheRegistryRefused() {
    answer(
        "/", 409, "{\"error_code\":409,\"message\":\"Schema being registered is incompatible\"}");

    assertThatThrownBy(() -> registry(Map.of()).register("s-value", Tick.SCHEMA$))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("409")
        .hasMessageContaining("Schema being registered is incompatible");
  }

  @Test
  void shouldAskAgainWhileTheRegistryRestarts() {
    AtomicInteger times = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          boolean up = times.incrementAndGet() > 2;
          send(exchange, up ? 200 : 503, up ? "{\"id\":7}" : "{\"message\":\"starting\"}");
        });

    assertThat(registry(Map.of()).register("s-value", Tick.SCHEMA$)).isEqualTo(7);
    assertThat(times).hasValue(3);
  }

  @Test
  void shouldGiveUpAfterTheTimeItWasGiven() {
    answer("/", 503, "{\"message\":\"starting\"}");

    assertThatThrownBy(
            () ->
                registry(Map.of(HttpSchemaRegistry.RETRY_CONFIG, "1"))
                    .register("s-value", Tick.SCHEMA$))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("503");
  }

  @Test
  void shouldSendCredentials() {
    answer("/", 200, "{\"id\":1}");

    registry(Map.of("basic.auth.user.info", "ann:secret")).register("s-value", Tick.SCHEMA$);
    registry(Map.of("bearer.auth.token", "t0ken")).register("s-value", Tick.SCHEMA$);

    assertThat(asked.get(0)).contains("Basic YW5uOnNlY3JldA==");
    assertThat(asked.get(1)).contains("Bearer t0ken");
  }

  @Test
  void shouldNameTheSettingThatIsWrong() {
    assertThatThrownBy(() -> SchemaRegistry.of(Map.of()))
        .hasMessageContaining("schema.registry.url");
    assertThatThrownBy(() -> SchemaRegistry.of(Map.of("schema.registry.url", "localhost:8081")))
        .hasMessageContaining("localhost:8081")
        .hasMessageContaining("http://");
    assertThatThrownBy(
            () ->
                SchemaRegistry.of(
                    Map.of(
                        "schema.registry.url",
                        "https://localhost",
                        "schema.registry.ssl.truststore.location",
                        "/nowhere.p12")))
        .hasMessageContaining("schema.registry.ssl.truststore.location")
        .hasMessageContaining("/nowhere.p12");
  }

  private SchemaRegistry registry(Map<String, String> more) {
    Map<String, String> config = new java.util.HashMap<>(more);
    config.put("schema.registry.url", "http://127.0.0.1:" + server.getAddress().getPort() + "/");
    return SchemaRegistry.of(config);
  }

  private void answer(String path, int status, String body) {
    server.createContext(path, exchange -> send(exchange, status, body));
  }

  private void send(HttpExchange exchange, int status, String body) throws IOException {
    asked.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI().getRawPath()
            + " "
            + exchange.getRequestHeaders().getFirst("Authorization")
            + " "
            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
