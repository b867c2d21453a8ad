package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.openai.answer.AnswerReader;
import org.junit.jupiter.api.Test;

class OpenAiErrorTest {

  @Test
  void shouldWriteTheShapeThatOpenAisClientsRead() {
    assertThat(new String(OpenAiError.modelNotFound("gpt-\"9\"").toJson(), UTF_8))
        .isEqualTo(
            "{\"error\":{\"message\":\"The model 'gpt-\\\"9\\\"' does not"
                + " exist.\",\"type\":\"invalid_request_error\","
                + "\"param\":\"model\",\"code\":\"model_not_found\"}}");
  }

  @Test
  void shouldWriteAnErrorIntoAStreamAndReadItAgain() {
    OpenAiError error = OpenAiError.server(502, "upstream left", null);
    AnswerReader reader = AnswerReader.ofStream();
    reader.feed(error.toEvent());

    assertThat(reader.finish().error())
        .isEqualTo(new OpenAiError("upstream left", "server_error", null, null, 0));
  }

  @Test
  void shouldHaveAnErrorStatus() {
    assertThat(OpenAiError.tooLarge(10).status()).isEqualTo(413);
    assertThatThrownBy(() -> OpenAiError.server(200, "x", null))
        .hasMessage("status is 200, must be 0 or 400 … 599");
  }

  @Test
  void shouldKnowEndpointsByPath() {
    assertThat(Endpoint.ofPath("/v1/chat/completions")).isEqualTo(Endpoint.CHAT_COMPLETIONS);
    assertThat(Endpoint.ofPath("/v1/completions")).isEqualTo(Endpoint.COMPLETIONS);
    assertThat(Endpoint.ofPath("/v1/chat/completions/")).isNull();
    assertThat(Endpoint.ofPath("/chat/completions")).isNull();
    assertThat(Endpoint.ofPath("/v1/x/completions")).isNull();
    assertThat(Endpoint.ofId("chat.completions")).isEqualTo(Endpoint.CHAT_COMPLETIONS);
  }
}
