package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RefusedRequestsTest extends RouterTestBase {

  @Test
  void shouldAnswer503WhileNoRolloutIsKnown() {
    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(json(response).at("/error/code").asText()).isEqualTo("no_rollout");
    assertThat(get(router.adminUrl() + "/health/ready").statusCode()).isEqualTo(503);
    assertThat(get(router.adminUrl() + "/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldAnswer404ForAnUnknownModel() {
    split(0);

    HttpResponse<String> response = post(CHAT, "{\"model\":\"nobody\",\"messages\":[]}");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(json(response).at("/error/code").asText()).isEqualTo("model_not_found");
    assertThat(evidence.eventsSoFar()).isZero();
  }

  @Test
  void shouldAnswer400ForABodyThatIsNoJson() {
    split(0);

    HttpResponse<String> response = post(CHAT, "{\"model\":");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/type").asText()).isEqualTo("invalid_request_error");
  }

  @Test
  void shouldAnswer413ForABodyOverTheLimit() {
    split(0);

    HttpResponse<String> response =
        post(CHAT, "{\"model\":\"assistant\",\"x\":\"" + "y".repeat(2 << 20) + "\"}");

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(json(response).at("/error/type").asText()).isEqualTo("invalid_request_error");
  }

  /** A reset for bytes that nobody read would take the answer from a client that still sends. */
  @Test
  void shouldLetAClientThatStillSendsReadWhyItWasRefused()
      throws IOException, InterruptedException {
    split(0);
    URI url = URI.create(router.url());
    byte[] part = "y".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: "
                  + 40 * part.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 40; i++) {
        out.write(part);
        out.flush();
        Thread.sleep(2); // The refusal is long sent when the last part is written.
      }

      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 413 ").contains("invalid_request_error");
    }
  }

  @Test
  void shouldAnswer404ForAnUnknownPathAnd405ForTheWrongMethod() {
    split(0);

    assertThat(post("/v1/nothing", "{}").statusCode()).isEqualTo(404);
    assertThat(get(router.url() + CHAT).statusCode()).isEqualTo(405);
  }

  @Test
  void shouldListRolloutsAsModels() {
    split(0);

    assertThat(json(get(router.url() + "/v1/models")).at("/data/0/id").asText())
        .isEqualTo("assistant");
    assertThat(json(get(router.url() + "/v1/models/assistant")).path("object").asText())
        .isEqualTo("model");
    assertThat(get(router.url() + "/v1/models/nobody").statusCode()).isEqualTo(404);
  }
}
