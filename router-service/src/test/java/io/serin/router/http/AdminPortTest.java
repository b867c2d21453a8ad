package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a web page can do at the admin port that has no tokens: nothing. */
class AdminPortTest extends RouterTestBase {

  private static final String FORCE = "POST /admin/force-control/assistant";

  @Test
  void shouldRefuseAPageOfAnotherOrigin() throws IOException {
    split(10_000);

    assertThat(status(FORCE, own(), "origin: http://evil.example")).isEqualTo(403);
    assertThat(status(FORCE, own(), "origin: null")).isEqualTo(403);
    assertThat(status("GET /metrics", own(), "origin: http://evil.example")).isEqualTo(403);

    assertThat(tables.forced()).isEmpty();
  }

  @Test
  void shouldRefuseANameThatWasReboundToThisMachine() throws IOException {
    split(10_000);

    assertThat(status(FORCE, "host: evil.example")).isEqualTo(403);
    assertThat(status("GET /metrics", "host: evil.example")).isEqualTo(403);

    assertThat(tables.forced()).isEmpty();
  }

  @Test
  void shouldServeThisMachineAndProbesOfAnyName() throws IOException {
    split(10_000);

    assertThat(status(FORCE, own())).isEqualTo(200);
    assertThat(status("GET /metrics", own())).isEqualTo(200);
    assertThat(status("GET /health/ready", "host: router.shop.example")).isEqualTo(200);

    assertThat(tables.forced()).containsExactly("assistant");
    assertThat(tables.trips()).isEmpty();
  }

  private String own() {
    return "host: " + URI.create(router.adminUrl()).getAuthority();
  }

  /** The status of a request with exactly these headers, which Java's client would not send. */
  private int status(String request, String... headers) throws IOException {
    URI admin = URI.create(router.adminUrl());
    try (Socket socket = new Socket(admin.getHost(), admin.getPort())) {
      String head =
          request
              + " HTTP/1.1\r\n"
              + String.join("\r\n", headers)
              + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }
}
