package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Realtime sessions pass to control, and to nobody else. */
class RealtimeTest extends RouterTestBase {

  private record Asked(String uri, MultiMap headers) {}

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final List<Short> closed = new CopyOnWriteArrayList<>();
  private volatile int refusing;
  private HttpServer model;

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant", Set.of(), 0, 0, false, Set.of(), ApiSettings.SenderLimits.NONE, Http2.DEFAULT);
  }

  @Override
  ClientBounds clients() {
    ClientBounds usual = ClientBounds.DEFAULT;
    return new ClientBounds(
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        usual.body(),
        usual.connectionsPerAddress(),
        usual.memoryBytes());
  }

  @BeforeEach
  void controlSpeaks() {
    model =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setMaxWebSocketFrameSize(4 << 20)
                    .setMaxWebSocketMessageSize(4 << 20)
                    .setWebSocketSubProtocols(List.of("realtime")))
            .webSocketHandshakeHandler(
                handshake -> {
                  asked.add(
                      new Asked(
                          handshake.uri(),
                          MultiMap.caseInsensitiveMultiMap().addAll(handshake.headers())));
                  if (refusing > 0) {
                    handshake.reject(refusing);
                  } else {
                    handshake.accept();
                  }
                })
            .webSocketHandler(this::echo)
            .listen(0, "127.0.0.1")
            .await();
    Command command = command(5_000);
    command.getVariants().get(0).setUrl("http://127.0.0.1:" + model.actualPort() + "/v1");
    command.getVariants().get(0).setCredential("env:CANDIDATE_KEY");
    adopt(command);
  }

  private void echo(ServerWebSocket socket) {
    socket.textMessageHandler(
        text -> {
          if (text.equals("bye")) {
            socket.close((short) 4_000, "as you wish");
          } else {
            socket.writeTextMessage("control heard " + text);
          }
        });
    socket.binaryMessageHandler(socket::writeBinaryMessage);
    socket.closeHandler(end -> closed.add(socket.closeStatusCode()));
  }

  /** What a client hears. */
  private static final class Client implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      part.append(text);
      if (last) {
        texts.add(part.toString());
        part.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      end.complete(code);
      return null;
    }
  }

  private WebSocket connect(Client client, String path) {
    return http.newWebSocketBuilder()
        .subprotocols("realtime", "openai-insecure-api-key.the-clients-key")
        .header("OpenAI-Beta", "realtime=v1")
        .buildAsync(URI.create(router.url().replace("http", "ws") + path), client)
        .join();
  }

  @Test
  void shouldPassASessionToControlWithItsModelAndItsOwnCredential() {
    Client client = new Client();
    WebSocket socket = connect(client, "/v1/realtime?model=assistant&x=1");

    String large = "ä".repeat(700_000);
    socket.sendText("hello", true).join();
    socket.sendText(large.substring(0, 300_000), false).join();
    socket.sendText(large.substring(300_000), true).join();

    await().until(() -> client.texts.size() == 2);
    assertThat(client.texts).containsExactly("control heard hello", "control heard " + large);
    assertThat(socket.getSubprotocol()).isEqualTo("realtime");
    Asked handshake = asked.getFirst();
    assertThat(handshake.uri()).isEqualTo("/v1/realtime?model=old-model&x=1");
    assertThat(handshake.headers().get("authorization")).isEqualTo("Bearer candidate-secret");
    assertThat(handshake.headers().get("openai-beta")).isEqualTo("realtime=v1");
    assertThat(handshake.headers().toString()).doesNotContain("the-clients-key");
    assertThat(registry.scrape()).contains("serin_router_realtime_sessions 1.0");

    socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").join();

    await().untilAsserted(() -> assertThat(closed).containsExactly((short) 1000));
    await()
        .untilAsserted(
            () ->
                assertThat(registry.scrape())
                    .contains("serin_router_realtime_sessions 0.0")
                    .contains(
                        "serin_router_realtime_ended_total{end=\"client\",rollout=\"assistant\"} 1.0"));
    assertThat(evidence.underWay()).as("a session is no evidence").isEmpty();
  }

  @Test
  void shouldKeepAQuietSessionLongerThanAConnectionWithoutRequests() {
    Client client = new Client();
    WebSocket socket = connect(client, "/v1/realtime?model=assistant");

    await()
        .during(Duration.ofMillis(2_500))
        .atMost(Duration.ofSeconds(5))
        .until(() -> closed.isEmpty() && !client.end.isDone());
    socket.sendText("still there?", true).join();

    await().until(() -> client.texts.equals(List.of("control heard still there?")));
  }

  @Test
  void shouldTellTheClientHowTheModelClosed() {
    Client client = new Client();
    WebSocket socket = connect(client, "/v1/realtime?model=gpt-realtime");

    socket.sendText("bye", true).join();

    assertThat(client.end.join()).isEqualTo(4_000);
  }

  @Test
  void shouldEndTheModelsSideWhenTheClientIsLost() {
    connect(new Client(), "/v1/realtime?model=assistant").abort();

    await().untilAsserted(() -> assertThat(closed).containsExactly((short) 1011));
  }

  @Test
  void shouldPassTheClientsKeyWhereControlHasNone() {
    Command command = command(5_000);
    command.getVariants().get(0).setUrl("http://127.0.0.1:" + model.actualPort() + "/v1");
    adopt(command);

    connect(new Client(), "/v1/realtime?model=assistant");

    assertThat(asked.getFirst().headers().get("authorization")).isEqualTo("Bearer the-clients-key");
    assertThat(asked.getFirst().headers().get("sec-websocket-protocol")).isEqualTo("realtime");
  }

  @Test
  void shouldRefuseWhatControlRefuses() {
    refusing = 403;

    assertThat(statusOf("/v1/realtime?model=assistant")).isEqualTo(403);

    model.close().await();
    assertThat(statusOf("/v1/realtime?model=assistant")).isEqualTo(502);
  }

  @Test
  void shouldOpenNoSocketOnAnyOtherPath() {
    assertThat(statusOf("/v1/responses")).isEqualTo(404);
    assertThat(statusOf("/v1/realtime/../responses")).isIn(400, 404);
    assertThat(asked).isEmpty();
  }

  private int statusOf(String path) {
    try {
      connect(new Client(), path);
      return 101;
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        return refused.getResponse().statusCode();
      }
      throw e;
    }
  }
}
