package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take their time: for a head, for a body, between two requests. */
class SlowClientsTest extends RouterTestBase {

  private static final String HEAD =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";

  @Override
  ClientWatch.Bounds clients() {
    return new ClientWatch.Bounds(Duration.ofSeconds(1), Duration.ofSeconds(1));
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

      assertThat(client.getInputStream().read()).isEqualTo(-1);
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
