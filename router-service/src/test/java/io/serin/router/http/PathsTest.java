package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which paths reach a model server where a default rollout serves what is not split. */
class PathsTest extends RouterTestBase {

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        10_000,
        0,
        false,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
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
        "/v1/files/..%5cadmin",
        "/v1/files/%252e%252e/admin",
        "/v1/files/..%252f..%252fadmin",
        "/v1/files/%c0%ae%c0%ae/admin",
        "/v1/files/..%c0%afadmin",
        "/v1/files/%ef%bc%8e%ef%bc%8e/admin",
        "/v1/files/..;a=b/admin",
        "/v1/files/.",
        "/v1/ch%61t/completions",
        "/v1/chat/completions;x=1",
        "/v1/Chat/Completions",
        "/v1/messages/count_tokens/"
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
        "/..%5ck",
        "/%252e%252e/keys",
        "/input_items/%2e%2e/%2e%2e/keys"
      })
  void shouldNotClimbFromAStoredResponse(String rest) throws IOException {
    split(5_000);
    String id =
        ids.responses()
            .write(
                new io.serin.router.feedback.ResponseId(
                    "assistant", "control", control.url().replaceAll("/v1$", ""), "resp_1"),
                "");

    assertThat(answerTo("DELETE /v1/responses/" + id + rest)).startsWith("HTTP/1.1 404");
    assertThat(control.received()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/files", "/v1/organization/admin_api_keys", "/v1/batches/b1/cancel"})
  void shouldSendAVariantsCredentialToInferenceOnlyUnlessItsFileSaysMore(String path)
      throws IOException {
    Command command = command(5_000);
    command.getVariants().getFirst().setCredential("env:CANDIDATE_KEY");
    adopt(command);
    control.does(Upstream.json(200, "{\"object\":\"list\"}"));

    assertThat(answerTo("GET " + path)).startsWith("HTTP/1.1 404").contains("unknown_url");
    assertThat(control.received()).isEmpty();
    assertThat(post("/v1/audio/speech", "{}").statusCode()).isEqualTo(200);
    assertThat(control.received().getFirst().headers().get("authorization"))
        .isEqualTo("Bearer candidate-secret");

    Command wider = Command.newBuilder(command).setRevision(++revision).build();
    wider.getVariants().getFirst().setPaths(List.of(path.substring("/v1".length())));
    adopt(wider);
    assertThat(answerTo("GET " + path)).startsWith("HTTP/1.1 200");
    assertThat(post("/v1/audio/speech", "{}").statusCode()).isEqualTo(404);
  }

  @Test
  void shouldPassAllPathsWithTheClientsOwnKey() {
    split(5_000);
    control.does(Upstream.json(200, "{\"object\":\"list\"}"));

    assertThat(post("/v1/files", "{}", "authorization", "Bearer sk-own").statusCode())
        .isEqualTo(200);
    assertThat(control.received().getFirst().headers().get("authorization"))
        .isEqualTo("Bearer sk-own");
  }

  @ParameterizedTest
  @CsvSource({"0, control, old-model", "10000, candidate, new-model"})
  void shouldCountTokensAtTheVariantThatWouldServeTheMessage(
      int slots, String variant, String model) {
    control.does(Upstream.json(200, "{\"input_tokens\":1}"));
    candidate.does(Upstream.json(200, "{\"input_tokens\":2}"));
    split(slots);

    HttpResponse<String> response = post("/v1/messages/count_tokens?beta=true", body(false));

    Upstream asked = variant.equals("control") ? control : candidate;
    assertThat(json(response).path("input_tokens").asInt())
        .isEqualTo(variant.equals("control") ? 1 : 2);
    assertThat(asked.received().getFirst().path()).isEqualTo("/v1/messages/count_tokens?beta=true");
    assertThat(json(asked.received().getFirst().body()).path("model").asText()).isEqualTo(model);
    assertThat(evidence.eventsSoFar()).as("no evidence").isZero();
  }

  @Test
  void shouldSendNoKeyOfAClientAlongWithAVariantsOwn() {
    Command command = command(5_000);
    command.getVariants().getFirst().setCredential("env:CANDIDATE_KEY");
    adopt(command);
    String[] keys = {
      "x-api-key",
      "api-key",
      "x-goog-api-key",
      "ocp-apim-subscription-key",
      "cookie",
      "x-auth-token",
      "sec-websocket-protocol",
      "openai-organization",
      "x-amz-security-token"
    };
    List<String> headers = new ArrayList<>(List.of("authorization", "Bearer sk-clients"));
    for (String key : keys) {
      headers.addAll(List.of(key, "realtime, openai-insecure-api-key.sk-clients"));
    }
    headers.addAll(List.of("idempotency-key", "once", "x-session-id", "s1"));

    post("/v1/audio/speech", "{}", headers.toArray(String[]::new));

    Upstream.Received received = control.received().getFirst();
    assertThat(received.headers().toString()).doesNotContain("sk-clients");
    assertThat(received.headers().names()).contains("idempotency-key", "x-session-id");
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
