package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.serin.router.exchange.ApiSettings;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which paths reach a model server where a default rollout serves what is not split. */
class PathsTest extends RouterTestBase {

  @Override
  ApiSettings api() {
    return new ApiSettings("assistant", Set.of(), 10_000, 0, false, Set.of(), 0, Http2.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions/",
        "/v1//chat/completions",
        "/v1/chat%2Fcompletions",
        "/v1/chat%5Ccompletions",
        "/v1/files/../admin",
        "/v1/files/..;/admin",
        "/v1/files/..%2f..%2fadmin",
        "/v1/files/%2e%2e/admin",
        "/v1/files/..%5cadmin"
      })
  void shouldPassNoPathThatCouldMeanAnother(String path) throws IOException {
    split(5_000);

    assertThat(answerTo("GET " + path)).startsWith("HTTP/1.1 404");
    assertThat(control.received()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../organization/admin_api_keys/k1",
        "/..%2f..%2fkeys",
        "/..;/keys",
        "/..%5ck"
      })
  void shouldNotClimbFromAStoredResponse(String rest) throws IOException {
    split(5_000);
    String id =
        ids.responses()
            .write(
                new io.serin.router.feedback.ResponseId(
                    "assistant", "control", control.url().replaceAll("/v1$", ""), "resp_1"));

    assertThat(answerTo("DELETE /v1/responses/" + id + rest)).startsWith("HTTP/1.1 404");
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldAnswer400ToAnEscapeThatIsNotOne() throws IOException {
    split(5_000);

    assertThat(answerTo("GET /v1/models/%zz")).startsWith("HTTP/1.1 400");
  }

  @Test
  void shouldCountAPassedThroughErrorForTheBreaker() {
    control.does(Upstream.json(500, "{}"));
    split(0);

    for (int i = 0; i < 5; i++) {
      assertThat(post("/v1/files", "{}").statusCode()).isEqualTo(500);
    }

    await()
        .untilAsserted(
            () ->
                assertThat(
                        registry
                            .find("serin.router.server.available")
                            .tag("variant", "control")
                            .gauges())
                    .extracting(Gauge::value)
                    .containsOnly(0.0));
  }

  private String answerTo(String line) throws IOException {
    URI address = URI.create(router.url());
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              (line + " HTTP/1.1\r\nhost: router\r\nconnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
