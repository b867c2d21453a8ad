package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control port on real sockets, with hostile clients. No Kafka answers: its view is empty. */
@SuppressWarnings("NullAway.Init") // Set by each test.
class ControlServerTest {
  private static final String VIEWER = "viewer-token-0001";
  private static final int CLIENTS = 300;

  @TempDir Path folder;

  private final List<Socket> sockets = new ArrayList<>();
  private ControlServer server;

  private void start(Tokens tokens, String... names) throws IOException {
    server =
        new ControlServer(
            "127.0.0.1",
            0,
            new ControlServer.Access(tokens, Set.of(names)),
            KafkaConnection.of("127.0.0.1:9", "mock://control-server"),
            InstantSource.system(),
            () -> "id",
            () -> true,
            () -> true,
            registry());
    server.start();
  }

  private static PrometheusMeterRegistry registry() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.gauge("serin.up", 1);
    return registry;
  }

  private void startWithTokens() throws IOException {
    start(Tokens.of(Files.writeString(folder.resolve("tokens"), "viewer vi " + VIEWER + "\n")));
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }

  @Test
  void shouldRefuseANameThatWasReboundToThisMachineWhereNoTokenIsNeeded() throws IOException {
    start(Tokens.none(), "serin.example.com");

    for (String path : List.of("/v1/rollouts", "/v1/openapi.json", "/metrics")) {
      assertThat(status(get(path, "host: evil.example.net"))).as(path).isEqualTo(403);
    }
    assertThat(status(get("/health/live", "host: evil.example.net"))).isEqualTo(200);
    for (String host :
        List.of("localhost:8090", "127.0.0.1", "[::1]:8090", "analytics", "serin.example.com")) {
      assertThat(status(get("/v1/openapi.json", "host: " + host))).as(host).isEqualTo(200);
    }
  }

  @Test
  void shouldRefuseAPageOfAnotherOriginWithTokensToo() throws IOException {
    startWithTokens();

    assertThat(
            status(
                get(
                    "/v1/rollouts",
                    "host: localhost:1\r\norigin: https://evil.example.net\r\n" + bearer())))
        .isEqualTo(403);
    assertThat(
            status(
                get(
                    "/v1/openapi.json",
                    "host: serin.example.com\r\norigin: https://serin.example.com\r\n" + bearer())))
        .isEqualTo(200);
  }

  @Test
  void shouldAskForATokenForMetricsWhereEverythingElseDoes() throws IOException {
    startWithTokens();

    assertThat(status(get("/metrics", "host: localhost"))).isEqualTo(401);
    assertThat(get("/metrics", "host: localhost\r\n" + bearer())).contains("serin_up 1.0");
    assertThat(status(get("/health/ready", "host: localhost")))
        .as("health needs none")
        .isIn(200, 503);
  }

  @Test
  void shouldRefuseABodyBeforeItIsSentWhereTheTokenIsMissing() throws IOException {
    startWithTokens();

    Socket slow = open(post("/v1/validate", 1_000_000, ""));

    byte[] start = slow.getInputStream().readNBytes("HTTP/1.1 401".length());
    assertThat(new String(start, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 401");
  }

  @Test
  void shouldAnswerOthersWhileHundredsSendByteByByte() throws IOException {
    start(Tokens.none());
    for (int i = 0; i < CLIENTS; i++) {
      open(post("/v1/rollouts", 1_000, "x-serin-who: ann\r\n"));
      open("POST /v1/rollouts HTTP/1.1\r\nhost: local");
      open("");
    }
    List<Socket> hostile = List.copyOf(sockets);
    for (int round = 0; round < 3; round++) {
      hostile.forEach(ControlServerTest::sendOneByte);
      long begun = System.nanoTime();
      assertThat(status(get("/health/live", "host: localhost"))).isEqualTo(200);
      assertThat(status(get("/v1/openapi.json", "host: localhost"))).isEqualTo(200);
      assertThat(status(answer(open(post("/v1/validate", 0, "")))))
          .as("it has read no topics")
          .isEqualTo(503);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void shouldBoundABodyAndAllBodiesTogether() throws IOException {
    start(Tokens.none());
    Socket large = open(post("/v1/validate", Door.MOST_BODY + 1, ""));
    large.getOutputStream().write(new byte[Door.MOST_BODY + 1]);
    assertThat(status(answer(large))).isEqualTo(413);

    List<Socket> held = new ArrayList<>();
    for (int i = 0; i < 66; i++) {
      Socket socket = open(post("/v1/validate", Door.MOST_BODY, ""));
      held.add(socket);
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  socket.getOutputStream().write(new byte[Door.MOST_BODY - 1]);
                } catch (IOException e) {
                  // It was refused.
                }
              });
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> answer(small()).contains("too many bodies"));
    assertThat(status(get("/v1/openapi.json", "host: localhost"))).as("no body").isEqualTo(200);

    for (Socket socket : held) {
      socket.close();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> !answer(small()).contains("too many bodies"));
  }

  @Test
  void shouldServeTheConsoleWithoutATokenAndWithoutInlineCode() throws IOException {
    startWithTokens();

    String page = get("/", "host: localhost");

    assertThat(status(page)).isEqualTo(200);
    assertThat(page.toLowerCase(Locale.ROOT))
        .contains("content-security-policy: default-src 'none'; script-src 'self'")
        .contains("frame-ancestors 'none'")
        .contains("x-content-type-options: nosniff");
    assertThat(status(get("/console/main.js", "host: localhost"))).isEqualTo(200);
    assertThat(status(get("/console/../openapi.json", "host: localhost"))).isIn(400, 404);
    assertThat(status(get("/nothing", "host: localhost"))).isEqualTo(404);
    assertThat(status(answer(open(post("/", 0, ""))))).isEqualTo(405);
  }

  @Test
  void shouldSendTheConsoleOnceWhileItIsUnchanged() throws IOException {
    start(Tokens.none());
    Matcher tag =
        Pattern.compile("(?i)etag: (\"[^\"]+\")")
            .matcher(get("/console/main.js", "host: localhost"));
    assertThat(tag.find()).isTrue();

    String again = get("/console/main.js", "host: localhost\r\nif-none-match: " + tag.group(1));

    assertThat(status(again)).isEqualTo(304);
  }

  @Test
  void shouldNotServeTheConsoleUnderAForeignNameWithoutTokens() throws IOException {
    start(Tokens.none());

    assertThat(status(get("/", "host: evil.example.net"))).isEqualTo(403);
  }

  private static void sendOneByte(Socket socket) {
    try {
      socket.getOutputStream().write('x');
    } catch (IOException e) {
      // Its time was over.
    }
  }

  private Socket small() throws IOException {
    Socket socket = open(post("/v1/validate", 5, ""));
    socket.getOutputStream().write("a: 1\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String bearer() {
    return "authorization: Bearer " + VIEWER;
  }

  private static String post(String path, int length, String headers) {
    return "POST %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n%scontent-length: %d\r\n\r\n"
        .formatted(path, headers, length);
  }

  private String get(String path, String headers) throws IOException {
    return answer(
        open("GET %s HTTP/1.1\r\nconnection: close\r\n%s\r\n\r\n".formatted(path, headers)));
  }

  private Socket open(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    byte[] chunk = new byte[8_192];
    try {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        text.append(new String(chunk, 0, read, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // A reset behind the answer.
    }
    return text.toString();
  }

  private static int status(String answer) {
    return answer.matches("(?s)HTTP/1\\.1 \\d{3}.*")
        ? Integer.parseInt(answer.substring(9, 12))
        : 0;
  }
}
