package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.router.exchange.ApiSettings;
import io.serin.router.feedback.RequestId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What the router offers beyond the rollouts: other paths, browsers, compression, metrics. */
class GatewayApiTest extends RouterTestBase {

  private static final String PAGE = "https://chat.example.com";

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(PAGE),
        100,
        64,
        true,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
  }

  @Test
  void shouldServeAModelThatIsNoRolloutByTheDefaultOne() {
    split(10_000);

    assertThat(textOf(post(CHAT, body(false).replace("assistant", "gpt-4o"))))
        .isEqualTo("from candidate");
    assertThat(evidence.events(1).getFirst().getRollout()).isEqualTo("assistant");
    assertThat(get(router.url() + "/v1/models/gpt-4o").statusCode()).isEqualTo(404);
  }

  @Test
  void shouldHandEveryOtherPathToControlAsItIs() {
    split(10_000);
    control.does(
        request ->
            request
                .response()
                .putHeader("content-type", "audio/wav")
                .putHeader("x-request-id", "upstream-7")
                .setStatusCode(201)
                .end("RIFF" + request.method() + request.getHeader("content-type")));

    HttpResponse<String> response =
        send(
            HttpRequest.newBuilder(URI.create(router.url() + "/v1/audio/speech?x=1"))
                .header("content-type", "multipart/form-data; boundary=b")
                .header("authorization", "Bearer mine")
                .PUT(HttpRequest.BodyPublishers.ofString("--b--"))
                .build());

    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.body()).isEqualTo("RIFFPUTmultipart/form-data; boundary=b");
    assertThat(header(response, "x-request-id")).isEqualTo("upstream-7");
    Upstream.Received received = control.received().getFirst();
    assertThat(received.path()).isEqualTo("/v1/audio/speech?x=1");
    assertThat(received.body()).isEqualTo("--b--");
    assertThat(received.headers().get("authorization")).isEqualTo("Bearer mine");
    assertThat(candidate.received()).isEmpty();
    assertThat(evidence.eventsSoFar()).isZero();
    assertThat(post("/v1/%2e%2e/admin", "{}").statusCode()).isEqualTo(404);
    assertThat(post("/other", "{}").statusCode()).isEqualTo(404);
  }

  @Test
  void shouldHandOverOtherPathsAsTheyArriveAndCancelThemWhenTheClientLeaves() throws Exception {
    split(0);
    CompletableFuture<HttpServerResponse> upstream = new CompletableFuture<>();
    control.does(
        request -> {
          HttpServerResponse response = Upstream.sse(request);
          response.write("data: one\n\n");
          upstream.complete(response);
        });

    HttpResponse<InputStream> response = open(request("/v1/threads/t/runs", "{}"));
    assertThat(new String(response.body().readNBytes(11), StandardCharsets.US_ASCII))
        .isEqualTo("data: one\n\n");
    response.body().close();

    assertThat(control.sawReset()).isTrue();
    assertThat(upstream).isCompleted();
  }

  @Test
  void shouldAnswer502And504ForOtherPathsInOpenAisShape() {
    adopt(Commands.impatient(command(0)));
    control.does(Upstream.hang());
    assertThat(json(get(router.url() + "/v1/files")).at("/error/code").asText())
        .isEqualTo("upstream_timeout");
    control.close();

    HttpResponse<String> gone = get(router.url() + "/v1/files");

    assertThat(gone.statusCode()).isEqualTo(502);
    assertThat(json(gone).at("/error/code").asText()).isEqualTo("upstream_unreachable");
  }

  @Test
  void shouldLetAPageThatIsAllowedCallFromABrowserAndNoOther() {
    split(0);
    control.does(
        request -> {
          request.response().putHeader("access-control-allow-origin", "https://upstream");
          Upstream.text("hello").answer(request);
        });

    HttpResponse<String> asked = preflight(PAGE);
    HttpResponse<String> answered = post(CHAT, body(false), "origin", PAGE);
    HttpResponse<String> refused = preflight("https://evil.example");

    assertThat(asked.statusCode()).isEqualTo(204);
    assertThat(header(asked, "access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(header(asked, "access-control-allow-headers"))
        .isEqualTo("authorization,content-type");
    assertThat(answered.headers().allValues("access-control-allow-origin")).containsExactly(PAGE);
    assertThat(header(answered, "access-control-expose-headers")).contains("x-request-id");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.headers().firstValue("access-control-allow-origin")).isEmpty();
  }

  @Test
  void shouldTakeManyFeedbacksAndRefuseEachBadOneForItself() {
    String id = id(1);
    String entries =
        "{\"request_id\":\"%s\",\"kind\":\"thumb\",\"value\":1},{\"request_id\":\"%s\",\"kind\":\"score\",\"value\":0.5},{\"request_id\":\"forged\",\"kind\":\"thumb\",\"value\":1},7"
            .formatted(id, id(2));

    HttpResponse<String> response =
        post("/v1/feedback/bulk", "{\"feedback\":[" + entries + "]}", "origin", PAGE);

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode list = json(response);
    assertThat(list.path("taken").asInt()).isEqualTo(2);
    assertThat(list.path("refused").asInt()).isEqualTo(2);
    assertThat(list.at("/data/0/request_id").asText()).isEqualTo(id);
    assertThat(list.at("/data/2/error/param").asText()).isEqualTo("request_id");
    assertThat(evidence.feedback(2))
        .extracting(FeedbackEvent::getKind)
        .containsExactly("thumb", "score");
    assertThat(header(response, "access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(post("/v1/feedback/bulk", "{\"feedback\":{}}").statusCode()).isEqualTo(400);
  }

  @Test
  void shouldReadGzipFromClientsAndServersAndWriteItWhereAsked() throws Exception {
    split(0);
    String text = "egg ".repeat(100).strip();
    control.does(
        request ->
            request
                .response()
                .putHeader("content-type", "application/json")
                .putHeader("content-encoding", "gzip")
                .end(
                    Buffer.buffer(
                        gzip(
                            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                                + text
                                + "\"},\"finish_reason\":\"stop\"}]}"))));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(router.url() + CHAT))
            .header("content-encoding", "gzip")
            .header("accept-encoding", "br, gzip;q=0.8")
            .POST(HttpRequest.BodyPublishers.ofByteArray(gzip(body(false))))
            .build();

    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());

    assertThat(header(response, "content-encoding")).isEqualTo("gzip");
    String read =
        new String(
            new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes(),
            StandardCharsets.UTF_8);
    assertThat(json(read).at("/choices/0/message/content").asText()).isEqualTo(text);
    assertThat(json(control.received().getFirst().body()).path("user").asText()).isEqualTo("ann");
    assertThat(chat(false).headers().firstValue("content-encoding")).as("not asked for").isEmpty();
  }

  @Test
  void shouldReadACompressedStreamAndHandItOverPlain() {
    split(0);
    control.does(
        request ->
            Upstream.sse(request)
                .putHeader("content-encoding", "gzip")
                .end(
                    Buffer.buffer(
                        gzip(Upstream.CHUNK.formatted("grüße") + Upstream.STOP + Upstream.DONE))));

    HttpResponse<String> response = post(CHAT, body(true), "accept-encoding", "gzip");

    assertThat(response.body()).contains("grüße").endsWith(Upstream.DONE);
    assertThat(response.headers().firstValue("content-encoding"))
        .as("streams stay plain")
        .isEmpty();
  }

  @Test
  void shouldCountAttemptsInTheConventionsOfOpenTelemetry() {
    split(10_000);
    candidate.does(Upstream.stream("one", "two"));
    chat(true);
    candidate.does(Upstream.json(500, "{}"));
    chat(false);
    evidence.events(3);

    String metrics = get(router.adminUrl() + "/metrics").body();

    String labels =
        "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"assistant\",gen_ai_response_model=\"new-model\"";
    assertThat(metrics)
        .contains("gen_ai_client_operation_duration_seconds_count{error_type=\"\"," + labels)
        .contains("gen_ai_client_operation_duration_seconds_count{error_type=\"500\"," + labels)
        .contains("gen_ai_server_time_to_first_token_seconds_bucket{" + labels)
        .contains("gen_ai_server_time_per_output_token_seconds_sum{" + labels)
        .containsPattern(
            "gen_ai_client_token_usage_sum\\{[^}]*gen_ai_token_type=\"input\"[^}]*variant=\"candidate\"\\}"
                + " 7.0")
        .containsPattern(
            "gen_ai_client_token_usage_sum\\{[^}]*gen_ai_token_type=\"output\"[^}]*variant=\"candidate\"\\}"
                + " 3.0")
        .containsPattern(
            "serin_router_attempts_total\\{last=\"true\",result=\"ok\",rollout=\"assistant\",variant=\"control\",why=\"fallback\"\\}"
                + " 1.0");
    assertThat(metrics).doesNotContain("ann", "\"hi\"");
  }

  @Test
  void shouldCountTruncatedAnswersAndRefusalsForThemselves() {
    split(0);
    control.does(
        Upstream.json(
            200,
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"half"
                + " of\"},\"finish_reason\":\"length\"}]}"));
    chat(false);
    control.does(
        Upstream.json(
            200,
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I"
                + " cannot help.\"},\"finish_reason\":\"stop\"}]}"));
    chat(false);

    List<RequestEvent> events = evidence.events(2);

    assertThat(events.getFirst().getMeasurement().getFinishReason()).isEqualTo("length");
    assertThat(events.getLast().getMeasurement().getRefusal()).isTrue();
    assertThat(get(router.adminUrl() + "/metrics").body())
        .contains("result=\"truncated\"", "result=\"refused\"");
  }

  private String id(long nonce) {
    return ids.write(
        new RequestId(nonce, "assistant", "run", 0, "unit", "control", "control", "ASSIGNED"));
  }

  private HttpResponse<String> preflight(String origin) {
    return send(
        HttpRequest.newBuilder(URI.create(router.url() + "/v1/feedback"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }
}
