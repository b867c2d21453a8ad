package io.serin.router.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A router with the heap that it ships with, and clients that want more of it than there is: it
 * stays alive, answers others and its health at once, and refuses what it has no room for.
 */
class MemoryBoundsTest {

  private static final int MIB = 1 << 20;
  private static final String POST =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: router\r\ncontent-type: application/json\r\n";
  private static final String BEGIN =
      "{\"model\":\"assistant\",\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"";
  private static final String END = "\"}]}";
  private static final String ANSWER =
      "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},"
          + "\"finish_reason\":\"stop\"}]}";

  private final List<Socket> sockets = new ArrayList<>();
  private Vertx vertx;
  private HttpServer model;
  private ChildRouter router;
  private HttpClient http;

  @BeforeEach
  void start() throws IOException {
    vertx = Vertx.vertx();
    Buffer large = Buffer.buffer(ANSWER.formatted("y".repeat(20 * MIB)));
    Buffer small = Buffer.buffer(ANSWER.formatted("fine"));
    model =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  boolean wantsLarge = request.getHeader("x-large") != null;
                  request.handler(piece -> {});
                  request.endHandler(
                      end ->
                          request
                              .response()
                              .putHeader("content-type", "application/json")
                              .end(wantsLarge ? large : small));
                })
            .listen(0, "127.0.0.1")
            .await();
    router = ChildRouter.start("http://127.0.0.1:" + model.actualPort() + "/v1");
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    assertThat(chat("hi").join().statusCode()).isEqualTo(200);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket each : sockets) {
      each.close();
    }
    http.shutdownNow();
    router.close();
    vertx.close().await();
  }

  @Test
  void shouldAnswerFortyLargeRequestsAtOnceOrRefuseThemAndGoOn() throws IOException {
    int before = router.recorded();
    String body = BEGIN + "x".repeat(10_000_000) + END;
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(http.sendAsync(request(body).build(), HttpResponse.BodyHandlers.ofString()));
    }
    while (!all.stream().allMatch(CompletableFuture::isDone)) {
      healthAnswers();
    }

    int served = 0;
    for (CompletableFuture<HttpResponse<String>> each : all) {
      HttpResponse<String> response = each.join();
      assertThat(response.statusCode()).isIn(200, 503);
      if (response.statusCode() == 200) {
        served++;
      } else {
        assertThat(response.headers().firstValue("retry-after")).hasValue("1");
        assertThat(response.body()).contains("overloaded");
      }
    }
    assertThat(served).isPositive();
    assertThat(router.recorded() - before).isEqualTo(served);
    othersAreServed();
  }

  @Test
  void shouldAnswerLargeAnswersOrRefuseThemAndGoOn() {
    List<CompletableFuture<HttpResponse<Integer>>> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(
          http.sendAsync(
              request(BEGIN + i + END).header("x-large", "yes").build(),
              info ->
                  HttpResponse.BodySubscribers.mapping(
                      HttpResponse.BodySubscribers.ofByteArray(), bytes -> bytes.length)));
    }
    while (!all.stream().allMatch(CompletableFuture::isDone)) {
      healthAnswers();
    }

    assertThat(all)
        .allSatisfy(each -> assertThat(each.join().statusCode()).isIn(200, 503))
        .anySatisfy(each -> assertThat(each.join().body()).isGreaterThan(20 * MIB));
    othersAreServed();
  }

  @Test
  void shouldServeOthersWhileCompressedBodiesLackTheirLastByte() throws IOException {
    byte[] bomb = gzip(BEGIN + "x".repeat(14 * MIB) + END);
    assertThat(bomb).hasSizeLessThan(20_000);
    for (int i = 0; i < 40; i++) {
      send("content-encoding: gzip\r\ncontent-length: " + bomb.length + "\r\n\r\n", bomb, 1);
    }
    byte[] plain = (BEGIN + "x".repeat(14 * MIB) + END).getBytes(UTF_8);
    for (int i = 0; i < 29; i++) {
      Thread.startVirtualThread(
          () -> send("content-length: " + plain.length + "\r\n\r\n", plain, 1));
    }

    for (int i = 0; i < 20; i++) {
      othersAreServed();
    }
  }

  @Test
  void shouldServeOthersWhileUploadsStallAndTakeLargeOnesAgainSoon() {
    byte[] half = (BEGIN + "x".repeat(10 * MIB)).getBytes(UTF_8);
    for (int i = 0; i < 30; i++) {
      Thread.startVirtualThread(() -> send("content-length: 16000000\r\n\r\n", half, 0));
    }

    othersAreServed();
    String large = "x".repeat(5 * MIB);
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> chat(large).join().statusCode() == 200);
    othersAreServed();
  }

  @Test
  void shouldServeOthersWhileThousandsOfHeadsAreHalfSent() throws IOException {
    String half = POST + "x-filler: " + "y".repeat(8 << 10);
    for (int i = 0; i < 3_000; i++) {
      Socket socket = connect();
      socket.getOutputStream().write(half.getBytes(UTF_8));
    }

    othersAreServed(); // When they are closed: SlowClientsTest.
  }

  private void othersAreServed() {
    healthAnswers();
    HttpResponse<String> answer = chat("hi").join();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(router.isAlive()).isTrue();
  }

  private void healthAnswers() {
    HttpRequest live =
        HttpRequest.newBuilder(URI.create(router.adminUrl() + "/health/live"))
            .timeout(Duration.ofSeconds(20))
            .build();
    assertThat(http.sendAsync(live, HttpResponse.BodyHandlers.ofString()).join().statusCode())
        .isEqualTo(200);
  }

  private CompletableFuture<HttpResponse<String>> chat(String content) {
    return http.sendAsync(
        request(BEGIN + content + END).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String body) {
    return HttpRequest.newBuilder(URI.create(router.url() + "/v1/chat/completions"))
        .timeout(Duration.ofMinutes(4))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  /** Sends a request without its last bytes, as far as the router takes it. */
  private void send(String head, byte[] body, int withheld) {
    try {
      Socket socket = connect();
      socket.getOutputStream().write((POST + head).getBytes(UTF_8));
      socket.getOutputStream().write(body, 0, body.length - withheld);
    } catch (IOException e) {
      // Refused before all was sent.
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress("127.0.0.1", URI.create(router.url()).getPort()));
    synchronized (sockets) {
      sockets.add(socket);
    }
    return socket;
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(text.getBytes(UTF_8));
    }
    return out.toByteArray();
  }
}
