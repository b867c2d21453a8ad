package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.router.exchange.ApiSettings;
import io.serin.router.feedback.ResponseId;
import io.serin.schemas.Command;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** OpenAI's responses: stored ones are continued by whoever stored them. */
class ResponsesTest extends RouterTestBase {

  private static final String RESPONSES = "/v1/responses";

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant", Set.of(), 0, 0, false, Set.of(), ApiSettings.SenderLimits.NONE, Http2.DEFAULT);
  }

  @Test
  void shouldServeAResponseAndContinueItAtTheVariantThatStoredIt() {
    split(10_000);
    candidate.does(response("resp_up1", "hi ann"));

    HttpResponse<String> first = post(RESPONSES, ask("ann", null, false));

    String id = json(first).path("id").asText();
    assertThat(ids.responses().read(id, ""))
        .contains(new ResponseId("assistant", "candidate", origin(candidate), "resp_up1"));
    assertThat(first.body()).contains("hi ann");
    // Another user's slot is control's now; the stored response is still the candidate's.
    split(1);
    HttpResponse<String> second = post(RESPONSES, ask("someone else", id, false));

    assertThat(second.statusCode()).isEqualTo(200);
    JsonNode sent = json(candidate.received().get(1).body());
    assertThat(sent.path("previous_response_id").asText()).isEqualTo("resp_up1");
    assertThat(json(second).path("previous_response_id").asText()).isEqualTo(id);
    List<RequestEvent> events = evidence.events(2);
    assertThat(events.get(0).getWhy()).isEqualTo(Why.ASSIGNED);
    assertThat(events.get(0).getEndpoint()).isEqualTo("responses");
    Measurement cost = events.get(0).getMeasurement();
    assertThat(cost.getPromptTokens()).isEqualTo(36);
    assertThat(cost.getCachedTokens()).isEqualTo(12);
    assertThat(cost.getCompletionTokens()).isEqualTo(87);
    assertThat(cost.getReasoningTokens()).isEqualTo(64);
    assertThat(cost.getFinishReason()).isEqualTo("stop");
    assertThat(events.get(1).getWhy()).isEqualTo(Why.PINNED);
    assertThat(events.get(1).getAssignedVariant()).isEqualTo("control");
    assertThat(events.get(1).getServedVariant()).isEqualTo("candidate");
  }

  @Test
  void shouldStreamEventsAndNameTheResponseAnewInEach() {
    split(10_000);
    candidate.does(
        Upstream.events(
            event(
                "response.created",
                "\"response\":{\"id\":\"resp_up2\",\"status\":\"in_progress\",\"output\":[]}"),
            event("response.output_text.delta", "\"item_id\":\"msg_1\",\"delta\":\"grü\""),
            event("response.output_text.delta", "\"item_id\":\"msg_1\",\"delta\":\"ße\""),
            event(
                "response.completed",
                "\"response\":{\"id\":\"resp_up2\",\"status\":\"completed\",\"output\":[],\"usage\":{\"input_tokens\":5,\"output_tokens\":2,\"input_tokens_details\":{\"cached_tokens\":1}}}")));

    HttpResponse<String> response = post(RESPONSES, ask("ann", null, true));

    List<JsonNode> events =
        Arrays.stream(response.body().split("\n"))
            .filter(line -> line.startsWith("data: "))
            .map(line -> json(line.substring(6)))
            .toList();
    assertThat(events)
        .extracting(event -> event.path("type").asText())
        .containsExactly(
            "response.created",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.completed");
    String id = events.getFirst().at("/response/id").asText();
    assertThat(events.getLast().at("/response/id").asText()).isEqualTo(id);
    assertThat(ids.responses().read(id, "").orElseThrow().id()).isEqualTo("resp_up2");
    RequestEvent told = evidence.events(1).getFirst();
    assertThat(told.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(told.getMeasurement().getTtftMicros()).isPositive();
    assertThat(told.getMeasurement().getCachedTokens()).isEqualTo(1);
    assertThat(json(candidate.received().getFirst().body()).has("stream_options"))
        .as("responses say their usage unasked")
        .isFalse();
  }

  @Test
  void shouldEndACutStreamWithAnErrorEventOfResponses() {
    split(0);
    control.does(
        Upstream.events(
            event("response.created", "\"response\":{\"id\":\"resp_up3\",\"output\":[]}"),
            event("response.output_text.delta", "\"delta\":\"half\"")));

    String seen = Raw.answer(router, RESPONSES, ask("ann", null, true));

    assertThat(seen)
        .contains("event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_cut\"")
        .doesNotEndWith("0\r\n\r\n");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.CUT);
  }

  @Test
  void shouldAskControlToContinueWhatSerinDidNotServe() {
    split(10_000);
    control.does(response("resp_up4", "from control"));

    assertThat(post(RESPONSES, ask("ann", "resp_foreign", false)).body()).contains("from control");

    assertThat(evidence.events(1).getFirst().getWhy()).isEqualTo(Why.PINNED);
    assertThat(json(control.received().getFirst().body()).path("previous_response_id").asText())
        .isEqualTo("resp_foreign");
  }

  @Test
  void shouldNotGoToAVariantThatWasRemovedThoughItStoredTheResponse() {
    split(10_000);
    candidate.does(response("resp_up5", "stored"));
    String id = json(post(RESPONSES, ask("ann", null, false))).path("id").asText();
    control.does(
        Upstream.json(
            404, "{\"error\":{\"message\":\"not found\",\"type\":\"invalid_request_error\"}}"));

    split(0);

    assertThat(post(RESPONSES, ask("ann", id, false)).statusCode()).isEqualTo(404);
    assertThat(evidence.events(2).getLast().getServedVariant()).isEqualTo("control");
  }

  @Test
  void shouldTellTheFailureOfWhoStoredAResponseAndNotAskControlForWhatItCannotKnow() {
    split(10_000);
    candidate.does(response("resp_up6", "stored"));
    String id = json(post(RESPONSES, ask("ann", null, false))).path("id").asText();
    candidate.does(
        Upstream.json(503, "{\"error\":{\"message\":\"busy\",\"type\":\"server_error\"}}"));

    assertThat(post(RESPONSES, ask("ann", id, false)).statusCode()).isEqualTo(503);
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldFetchCancelAndDeleteAStoredResponseWhereItIs() {
    split(10_000);
    candidate.does(response("resp_up7", "stored"));
    String id = json(post(RESPONSES, ask("ann", null, false))).path("id").asText();

    HttpResponse<String> fetched = get(router.url() + RESPONSES + "/" + id + "?include=usage");
    HttpResponse<String> deleted =
        send(
            HttpRequest.newBuilder(URI.create(router.url() + RESPONSES + "/" + id))
                .DELETE()
                .build());
    HttpResponse<String> cancelled = post(RESPONSES + "/" + id + "/cancel", "{}");

    assertThat(json(fetched).path("id").asText()).isEqualTo(id);
    assertThat(List.of(deleted.statusCode(), cancelled.statusCode())).containsOnly(200);
    assertThat(candidate.received())
        .extracting(Upstream.Received::path)
        .containsExactly(
            "/v1/responses",
            "/v1/responses/resp_up7?include=usage",
            "/v1/responses/resp_up7",
            "/v1/responses/resp_up7/cancel");
    assertThat(evidence.events(1)).as("only the answer is evidence").hasSize(1);
  }

  @Test
  void shouldLeaveAResponseInTheBackgroundToItsVariant() {
    split(10_000);
    candidate.does(
        Upstream.json(
            200,
            "{\"id\":\"resp_bg\",\"object\":\"response\",\"status\":\"queued\",\"background\":true,\"output\":[]}"));

    HttpResponse<String> response = post(RESPONSES, ask("ann", null, false));

    assertThat(json(response).path("status").asText()).isEqualTo("queued");
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldServeEmbeddings() {
    split(10_000);
    candidate.does(
        Upstream.json(
            200,
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.1,-0.2]}],\"model\":\"e\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}"));

    HttpResponse<String> response =
        post("/v1/embeddings", "{\"model\":\"assistant\",\"input\":\"egg\",\"user\":\"ann\"}");

    assertThat(json(response).at("/data/0/embedding/1").asDouble()).isEqualTo(-0.2);
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getEndpoint()).isEqualTo("embeddings");
    assertThat(event.getMeasurement().getPromptTokens()).isEqualTo(8);
  }

  @Test
  void shouldServeAnthropicsMessagesStreamedWithTheirUsageAndStopReason() {
    Command command = command(10_000);
    command.getVariants().get(1).setCredential("env:CANDIDATE_KEY");
    command.getVariants().get(1).setCredentialHeader("x-api-key");
    adopt(command);
    candidate.does(
        Upstream.stallAfter(
            event(
                "message_start",
                "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":30,\"output_tokens\":1}}"),
            event(
                "content_block_start",
                "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
            event(
                "content_block_delta",
                "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}"),
            event(
                "message_delta",
                "\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":15}"),
            event("message_stop", "\"x\":1")));

    HttpResponse<String> response =
        post(
            "/v1/messages",
            "{\"model\":\"assistant\",\"max_tokens\":15,\"stream\":true,\"metadata\":{\"user_id\":\"ann\"},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
            "x-api-key",
            "the client's",
            "x-user-id",
            "ann");

    assertThat(response.body()).contains("Hello").contains("event: message_stop");
    RequestEvent told = evidence.events(1).getFirst();
    assertThat(told.getEndpoint()).isEqualTo("messages");
    assertThat(told.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(told.getMeasurement().getPromptTokens()).isEqualTo(40);
    assertThat(told.getMeasurement().getCachedTokens()).isEqualTo(30);
    assertThat(told.getMeasurement().getCompletionTokens()).isEqualTo(15);
    assertThat(told.getMeasurement().getFinishReason()).isEqualTo("max_tokens");
    assertThat(candidate.received().getFirst().headers().getAll("x-api-key"))
        .containsExactly("candidate-secret");
    assertThat(candidate.received().getFirst().headers().contains("authorization")).isFalse();
  }

  @Test
  void shouldTellErrorsOfMessagesInAnthropicsShape() {
    split(0);

    HttpResponse<String> refused = post("/v1/messages", "{\"max_tokens\":1}");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).path("type").asText()).isEqualTo("error");
    assertThat(json(refused).at("/error/type").asText()).isEqualTo("invalid_request_error");
  }

  private static String origin(Upstream upstream) {
    return upstream.url().replace("/v1", "");
  }

  private static String ask(String user, @Nullable String previous, boolean stream) {
    return "{\"model\":\"assistant\",\"input\":\"hi\",\"stream\":"
        + stream
        + ",\"user\":\""
        + user
        + "\""
        + (previous == null ? "" : ",\"previous_response_id\":\"" + previous + "\"")
        + "}";
  }

  private static Upstream.Behaviour response(String id, String text) {
    return request -> {
      boolean continues = request.uri().equals(RESPONSES);
      Upstream.json(
              200,
              "{\"id\":\""
                  + id
                  + "\",\"object\":\"response\",\"status\":\"completed\",\"previous_response_id\":"
                  + (continues ? "\"resp_up1\"" : "null")
                  + ",\"output\":[{\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\""
                  + text
                  + "\"}]}],\"usage\":{\"input_tokens\":36,\"input_tokens_details\":{\"cached_tokens\":12},\"output_tokens\":87,\"output_tokens_details\":{\"reasoning_tokens\":64},\"total_tokens\":123}}")
          .answer(request);
    };
  }

  private static String event(String type, String fields) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + fields + "}\n\n";
  }
}
