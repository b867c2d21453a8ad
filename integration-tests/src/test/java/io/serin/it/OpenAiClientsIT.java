package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** OpenAI's own clients, unmodified, get from the router what they would get from OpenAI. */
class OpenAiClientsIT {

  private static final String PROMPT = "What is a canary release?";

  @Test
  void shouldServeOpenAisJavaClient() throws Exception {
    Loop loop = Loop.shared();
    try (var closing = new Closing(client(loop))) {
      OpenAIClient client = closing.client();

      ChatCompletion whole = client.chat().completions().create(asking(Loop.ROLLOUT));
      String streamed;
      try (StreamResponse<ChatCompletionChunk> chunks =
          client.chat().completions().createStreaming(asking(Loop.ROLLOUT))) {
        streamed =
            chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
      }
      String completed =
          client
              .completions()
              .create(
                  CompletionCreateParams.builder()
                      .model(Loop.ROLLOUT)
                      .prompt(PROMPT)
                      .user("java-1")
                      .build())
              .choices()
              .getFirst()
              .text();

      String text = whole.choices().getFirst().message().content().orElseThrow();
      assertThat(text).isNotBlank();
      assertThat(streamed).isEqualTo(text);
      assertThat(completed).isEqualTo(text);
      assertThat(whole.usage().orElseThrow().promptTokens()).isPositive();
      assertThatThrownBy(() -> client.chat().completions().create(asking("no-such-rollout")))
          .isInstanceOf(NotFoundException.class)
          .hasMessageContaining("no-such-rollout");
    }
  }

  @Test
  void shouldServeOpenAisNodeClient() throws Exception {
    Node.assumeInstalled();
    Loop loop = Loop.shared();

    List<String> lines = Node.run("openai-client.mjs", loop.v1(), Loop.ROLLOUT, PROMPT);

    JsonNode got = new ObjectMapper().readTree(lines.getLast());
    assertThat(got.get("text").asText()).isNotBlank();
    assertThat(got.get("finish").asText()).isEqualTo("stop");
    assertThat(got.get("requestId").asText()).isNotBlank();
    assertThat(got.get("streamed")).isEqualTo(got.get("text"));
    assertThat(got.get("helper")).isEqualTo(got.get("text"));
    assertThat(got.get("completion")).isEqualTo(got.get("text"));
    assertThat(got.get("usageChunks").asInt()).as("chunks nobody asked for").isZero();
    assertThat(got.get("askedUsage").asInt()).isPositive();
    assertThat(got.get("unknownModel").get("status").asInt()).isEqualTo(404);
    assertThat(got.get("unknownModel").get("api").asBoolean()).isTrue();
    assertThat(got.get("aborted").asBoolean()).isTrue();
    assertThat(got.get("models")).anySatisfy(id -> assertThat(id.asText()).isEqualTo(Loop.ROLLOUT));
  }

  @SuppressWarnings("deprecation") // "user" is what most clients still send
  private static ChatCompletionCreateParams asking(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .user("java-1")
        .addUserMessage(PROMPT)
        .build();
  }

  private static OpenAIClient client(Loop loop) {
    return OpenAIOkHttpClient.builder().baseUrl(loop.v1()).apiKey("sk-test").maxRetries(0).build();
  }

  private record Closing(OpenAIClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
    }
  }
}
