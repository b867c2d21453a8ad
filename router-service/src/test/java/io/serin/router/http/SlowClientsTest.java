package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Outcome;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take their time: for a head, for a body, between two requests. */
class SlowClientsTest extends RouterTestBase {

  private static final String HEAD =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";

  @Override
  ClientBounds clients() {
    Duration second = Duration.ofSeconds(1);
    return new ClientBounds(second, Duration.ofSeconds(3), second, 4, 400_000);
  }

  @BeforeEach
  void serve() {
    split(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "POST /v1/chat", HEAD})
  void shouldCloseAConnectionThatSendsNoWholeHead(String sent) throws IOException {
    try (Socket client = connect()) {
      write(client, sent);

      assertThat(isClosed(client)).isTrue();
    }
  }

  @Test
  void shouldAnswer408ToABodyThatStalls() throws IOException {
    try (Socket client = connect()) {
      write(client, HEAD + "content-length: 100\r\n\r\n{");

      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 408").contains("request_timeout");
    }
    assertThat(evidence.underWay()).isEmpty();
  }

  @Test
  void shouldNotCloseAConnectionWhoseAnswerTakesLonger() throws IOException {
    control.does(
        Upstream.then(
            request ->
                vertx.setTimer(2_500, late -> Upstream.text("from control").answer(request))));
    String body = body(false);
    try (Socket client = connect()) {
      write(client, HEAD + "content-length: " + body.length() + "\r\n\r\n" + body);

      byte[] answer = client.getInputStream().readNBytes(12);
      assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 700})
  void shouldAnswerAClientThatClosesItsSendingSide(long after) throws IOException {
    control.does(
        Upstream.then(
            request ->
                vertx.setTimer(after + 1, late -> Upstream.text("from control").answer(request))));
    String body = body(false);
    try (Socket client = connect()) {
      write(client, HEAD + "content-length: " + body.length() + "\r\n\r\n" + body);
      client.shutdownOutput();

      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("from control");
    }
    assertThat(evidence.events(1).getFirst().getClientOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldTakeAClientForOneThatLeftWhoseAnswerDoesNotBeginSoon() throws IOException {
    control.does(Upstream.then(request -> {}));
    String body = body(false);
    try (Socket client = connect()) {
      write(client, HEAD + "content-length: " + body.length() + "\r\n\r\n" + body);
      client.shutdownOutput();

      assertThat(isClosed(client)).isTrue();
    }
    assertThat(evidence.events(1).getFirst().getClientOutcome()).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void shouldKeepAnIdleConnectionLongerThanOneWithoutAHead() throws IOException {
    String body = body(false);
    try (Socket client = connect()) {
      long begun = System.nanoTime();
      write(client, HEAD + "content-length: " + body.length() + "\r\n\r\n" + body);
      client.getInputStream().readAllBytes();

      assertThat(System.nanoTime() - begun).isGreaterThan(Duration.ofSeconds(2).toNanos());
    }
  }

  @Test
  void shouldCloseOneConnectionTooManyOfAnAddressAndServeItAgainLater() throws IOException {
    try (Socket first = connect();
        Socket second = connect();
        Socket third = connect();
        Socket fourth = connect()) {
      for (Socket each : List.of(first, second, third, fourth)) {
        assertThat(each.isConnected()).isTrue();
      }
      try (Socket fifth = connect()) {
        assertThat(isClosed(fifth)).isTrue();
      }
    }
    Awaitility.await().until(() -> chat(false).statusCode() == 200);
  }

  @Test
  void shouldRefuseABodyThatThereIsNoMemoryForAtOnceAndSayWhenToComeAgain() {
    String large = body(false).replace("hi", "x".repeat(300_000));

    HttpResponse<String> refused = post(CHAT, large);

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(header(refused, "retry-after")).isEqualTo("1");
    assertThat(json(refused).at("/error/code").asText()).isEqualTo("overloaded");
    assertThat(chat(false).statusCode()).isEqualTo(200);
    Awaitility.await().untilAsserted(() -> assertThat(held()).isZero());
  }

  @Test
  void shouldAnswer503ToAnAnswerThatThereIsNoMemoryForAndCountItAgainstNobody() {
    candidate.does(Upstream.text("y".repeat(300_000)));
    split(10_000);

    HttpResponse<String> refused = chat(false);

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.REJECTED);
    Awaitility.await().untilAsserted(() -> assertThat(held()).isZero());
  }

  @Test
  void shouldGiveBackWhatARequestHeldWhoeverEndsIt() throws IOException {
    control.does(Upstream.then(request -> request.response().reset()));
    chat(true);
    control.does(request -> {});
    String body = body(true);
    try (Socket leaves = connect()) {
      write(leaves, HEAD + "content-length: " + body.length() + "\r\n\r\n" + body);
      Awaitility.await().until(() -> held() > 0);
    }
    post(CHAT, "not json");
    post("/v1/feedback", "not json");

    Awaitility.await().untilAsserted(() -> assertThat(held()).isZero());
  }

  @Test
  void shouldRefuseAnEncodingThatTheRouterDoesNotRead() {
    HttpResponse<String> refused = post(CHAT, body(false), "content-encoding", "br");

    assertThat(refused.statusCode()).isEqualTo(415);
    assertThat(control.received()).isEmpty();
  }

  /** Waits for the router to close; a reset is as good as an end. */
  private static boolean isClosed(Socket client) throws IOException {
    try {
      return client.getInputStream().read() == -1;
    } catch (SocketException e) {
      return true;
    }
  }

  private double held() {
    return registry.get("serin.router.memory.held").gauge().value();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", URI.create(router.url()).getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void write(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    client.getOutputStream().flush();
  }
}
