package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.exchange.ApiSettings;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a web page can do at a client port that asks for no key, on loopback. */
class ClientPortTest extends RouterTestBase {

  private static final String PAGE = "https://chat.example.com";

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(PAGE),
        100,
        0,
        false,
        Set.of("llm.shop.example"),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
  }

  @Test
  void shouldRefuseAPageOfAnotherOrigin() throws IOException {
    split(0);

    // A form of text/plain, which a browser sends without asking first.
    assertThat(chat(own(), "origin: https://evil.example", "content-type: text/plain"))
        .isEqualTo(403);
    assertThat(chat(own(), "origin: null")).isEqualTo(403);
    assertThat(control.received()).as("nothing is spent").isEmpty();
    assertThat(chat(own(), "origin: " + PAGE)).isEqualTo(200);
    assertThat(chat(own(), "origin: " + router.url())).as("its own page").isEqualTo(200);
  }

  @Test
  void shouldRefuseANameThatWasReboundToThisMachine() throws IOException {
    split(0);

    assertThat(chat("host: evil.example", "origin: http://evil.example")).isEqualTo(403);
    assertThat(status("GET /v1/models", "", "host: evil.example")).isEqualTo(403);
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldServeEveryNameThatIsNoPagesToChoose() throws IOException {
    split(0);

    for (String host :
        new String[] {"localhost", "127.0.0.1:80", "[::1]:80", "router", "llm.shop.example:8080"}) {
      assertThat(chat("host: " + host)).as(host).isEqualTo(200);
    }
  }

  private String own() {
    return "host: " + URI.create(router.url()).getAuthority();
  }

  private int chat(String... headers) throws IOException {
    return status("POST " + CHAT, body(false), headers);
  }

  private int status(String request, String body, String... headers) throws IOException {
    URI url = URI.create(router.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      String text =
          "%s HTTP/1.1\r\n%s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
              .formatted(request, String.join("\r\n", headers), body.length(), body);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }
}
