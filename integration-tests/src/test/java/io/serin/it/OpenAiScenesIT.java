package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.topics.Topics;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What programs do with OpenAI's own clients beyond asking: tools, structured output, leaving in
 * the middle, errors, responses, embeddings. Clients unmodified; the model is scripted.
 */
class OpenAiScenesIT {

  private static final String ROLLOUT = "scenes";
  private static final String ARGUMENTS = "{\"city\":\"Köln\"}";
  private static final Duration BOUND = Duration.ofSeconds(30);

  private static Loop loop;
  private static ScriptedModel model;

  /** A structured answer. */
  static final class Reply {
    public int answer;
  }

  @BeforeAll
  static void applyRollout() throws Exception {
    loop = Loop.shared();
    model = new ScriptedModel();
    // Clients here name no unit, so all are served by control.
    String yaml =
        """
        rollout: %s
        unit: [header:x-user-id]
        variants:
          control:   {url: %s}
          candidate: {url: %s}
        stages:
          - {weight: 50%%}
        """
            .formatted(ROLLOUT, model.url(), model.url());
    HttpRequest.Builder apply =
        HttpRequest.newBuilder(loop.control("/v1/rollouts?restart=true"))
            .header("x-serin-who", "integration-test")
            .POST(BodyPublishers.ofString(yaml));
    assertThat(loop.send(apply).statusCode()).isEqualTo(202);
    HttpRequest.Builder known =
        HttpRequest.newBuilder(URI.create(loop.v1() + "/models/" + ROLLOUT)).GET();
    Loop.until("the router serves " + ROLLOUT, () -> loop.send(known).statusCode() == 200);
  }

  @AfterAll
  static void stopModel() {
    model.close();
  }

  @Test
  void shouldPlayEverySceneOfOpenAisNodeClient() throws Exception {
    Node.assumeInstalled();

    List<String> lines = Node.run("openai-scenes.mjs", loop.v1(), ROLLOUT);

    JsonNode got = new ObjectMapper().readTree(lines.getLast());
    assertThat(got.get("tool").asText()).isEqualTo(ARGUMENTS);
    assertThat(got.get("toolFinish").asText()).isEqualTo("tool_calls");
    assertThat(got.get("streamedTool").asText()).isEqualTo(ARGUMENTS);
    assertThat(got.get("toolDeltas").asInt()).as("deltas of arguments").isGreaterThanOrEqualTo(3);
    assertThat(got.get("parsed").asText()).isEqualTo("{\"answer\":42}");
    assertThat(got.get("streamedParsed")).isEqualTo(got.get("parsed"));
    assertThat(got.get("wordsBeforeAbort").asInt()).isEqualTo(5);
    assertThat(model.sawCancel(5)).as("the model was told to stop").isTrue();
    assertError(got.get("bad"), 400);
    assertError(got.get("auth"), 401);
    assertError(got.get("missing"), 404);
    assertError(got.get("limited"), 429);
    assertThat(got.get("limited").get("retryAfter").asText()).isEqualTo("7");
    assertError(got.get("broken"), 500);
    assertThat(got.get("slow").get("kind").asBoolean())
        .as("a timeout: " + got.get("slow"))
        .isTrue();
    assertThat(got.get("cut").get("kind").asBoolean()).as("an error: " + got.get("cut")).isTrue();
    assertThat(got.get("cut").get("code").asText()).isEqualTo("upstream_cut");
    assertThat(got.get("response").asText()).isEqualTo("Hello, world");
    assertThat(got.get("responseRequestId").asText()).startsWith("req_");
    assertThat(got.get("events"))
        .extracting(JsonNode::asText)
        .containsSubsequence(
            "response.created", "response.output_text.delta", "response.completed");
    assertThat(got.get("responseHelper").asText()).isEqualTo("Hello, world");
    assertThat(got.get("embedding").get(1).asDouble()).isEqualTo(-0.5);
    RequestEvent left = lastAttempt("node-abort");
    assertThat(left.getClientOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(left.getMeasurement().getCompletionTokens()).isGreaterThanOrEqualTo(5);
  }

  @Test
  void shouldCallToolsAndReadStructuredOutputInOpenAisJavaClient() {
    OpenAIClient client = client();
    try {
      ChatCompletionAccumulator streamed = ChatCompletionAccumulator.create();
      try (StreamResponse<ChatCompletionChunk> chunks =
          client.chat().completions().createStreaming(asking("tools"))) {
        chunks.stream().forEach(streamed::accumulate);
      }
      String whole = argumentsOf(client.chat().completions().create(asking("tools")));
      Reply reply =
          client
              .chat()
              .completions()
              .create(
                  ChatCompletionCreateParams.builder()
                      .model(ROLLOUT)
                      .addUserMessage("schema")
                      .responseFormat(Reply.class)
                      .build())
              .choices()
              .getFirst()
              .message()
              .content()
              .orElseThrow();

      assertThat(argumentsOf(streamed.chatCompletion())).isEqualTo(ARGUMENTS);
      assertThat(whole).isEqualTo(ARGUMENTS);
      assertThat(reply.answer).isEqualTo(42);
    } finally {
      client.close();
    }
  }

  @Test
  void shouldThrowTheErrorsOfOpenAisJavaClient() {
    OpenAIClient client = client();
    try {
      assertFailure(client, 400, BadRequestException.class);
      assertFailure(client, 401, UnauthorizedException.class);
      assertFailure(client, 404, NotFoundException.class);
      OpenAIServiceException limited = assertFailure(client, 429, RateLimitException.class);
      assertThat(limited.headers().values("retry-after")).containsExactly("7");
      assertThat(client.chat().completions().create(asking("hello")).choices()).isNotEmpty();
      assertFailure(client, 500, InternalServerException.class);
      assertThat(
              catchThrowable(
                  () ->
                      client
                          .chat()
                          .completions()
                          .create(
                              asking("hang"),
                              RequestOptions.builder().timeout(Duration.ofMillis(400)).build())))
          .isInstanceOf(OpenAIIoException.class);
      assertThat(
              catchThrowable(
                  () -> {
                    try (StreamResponse<ChatCompletionChunk> chunks =
                        client.chat().completions().createStreaming(asking("cut"))) {
                      chunks.stream().forEach(chunk -> {});
                    }
                  }))
          .isInstanceOf(SseException.class)
          .hasMessageContaining("cut before its end");
    } finally {
      client.close();
    }
  }

  @Test
  void shouldStreamResponsesAndEmbedInOpenAisJavaClient() {
    OpenAIClient client = client();
    try {
      List<ResponseStreamEvent> events;
      try (StreamResponse<ResponseStreamEvent> stream =
          client
              .responses()
              .createStreaming(
                  ResponseCreateParams.builder().model(ROLLOUT).input("hello").build())) {
        events = stream.stream().toList();
      }
      List<Float> embedding =
          client
              .embeddings()
              .create(
                  EmbeddingCreateParams.builder()
                      .model(ROLLOUT)
                      .input("hello")
                      .encodingFormat(EmbeddingCreateParams.EncodingFormat.FLOAT)
                      .build())
              .data()
              .getFirst()
              .embedding();

      assertThat(
              events.stream()
                  .flatMap(event -> event.outputTextDelta().stream())
                  .map(delta -> delta.delta())
                  .collect(Collectors.joining()))
          .isEqualTo("Hello, world");
      assertThat(events.getLast().isCompleted()).isTrue();
      assertThat(embedding).containsExactly(0.25f, -0.5f);
    } finally {
      client.close();
    }
  }

  private static <T extends OpenAIServiceException> OpenAIServiceException assertFailure(
      OpenAIClient client, int status, Class<T> kind) {
    Throwable thrown =
        catchThrowable(() -> client.chat().completions().create(asking("status " + status)));
    assertThat(thrown).isInstanceOf(kind).hasMessageContaining("scripted " + status);
    OpenAIServiceException failure = (OpenAIServiceException) thrown;
    assertThat(failure.code()).contains("code_" + status);
    return failure;
  }

  private static void assertError(JsonNode error, int status) {
    assertThat(error.get("kind").asBoolean()).as("the client's own class: " + error).isTrue();
    assertThat(error.get("status").asInt()).isEqualTo(status);
    assertThat(error.get("code").asText()).isEqualTo("code_" + status);
    assertThat(error.get("param").asText()).isEqualTo("messages");
    assertThat(error.get("message").asText()).contains("scripted " + status);
    assertThat(error.get("id").asText()).startsWith("req_");
  }

  private static RequestEvent lastAttempt(String clientRequestId) {
    return Records.<RequestEvent>until(
            loop.stack().kafka(),
            Topics.REQUESTS,
            BOUND,
            event ->
                event.getLast()
                    && event.getClientRequestId() != null
                    && event.getClientRequestId().equals(clientRequestId))
        .getLast();
  }

  private static String argumentsOf(ChatCompletion completion) {
    return completion
        .choices()
        .getFirst()
        .message()
        .toolCalls()
        .orElseThrow()
        .getFirst()
        .asFunction()
        .function()
        .arguments();
  }

  private static ChatCompletionCreateParams asking(String prompt) {
    return ChatCompletionCreateParams.builder().model(ROLLOUT).addUserMessage(prompt).build();
  }

  private static OpenAIClient client() {
    return OpenAIOkHttpClient.builder().baseUrl(loop.v1()).apiKey("sk-test").maxRetries(0).build();
  }
}
