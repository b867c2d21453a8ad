package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.openai.answer.Usage;
import java.io.ByteArrayOutputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What llama.cpp's server says, as llama-server 10587 said it; ids, times and speeds are shortened.
 * The one error inside a stream is written as its source has it: it could not be provoked.
 */
class LlamaCppAnswersTest {

  private static final String CHAT =
      """
      data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"chatcmpl-7","model":"tiny.gguf","system_fingerprint":"b10587","object":"chat.completion.chunk"}

      data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"SG"}}],"created":1,"id":"chatcmpl-7","model":"tiny.gguf","system_fingerprint":"b10587","object":"chat.completion.chunk"}

      data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":" implementation"}}],"created":1,"id":"chatcmpl-7","model":"tiny.gguf","system_fingerprint":"b10587","object":"chat.completion.chunk"}

      data: {"choices":[{"finish_reason":"length","index":0,"delta":{}}],"created":1,"id":"chatcmpl-7","model":"tiny.gguf","system_fingerprint":"b10587","object":"chat.completion.chunk"}

      """;
  private static final String TIMINGS =
      "\"timings\":{\"cache_n\":29,\"prompt_n\":1,\"prompt_ms\":1.418,\"predicted_n\":2,\"predicted_ms\":1.901}";
  private static final String USAGE =
      "data:"
          + " {\"choices\":[],\"created\":1,\"id\":\"chatcmpl-7\",\"model\":\"tiny.gguf\",\"object\":\"chat.completion.chunk\",\"usage\":{\"completion_tokens\":2,\"prompt_tokens\":30,\"total_tokens\":32,\"prompt_tokens_details\":{\"cached_tokens\":29}},"
          + TIMINGS
          + "}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  @Test
  void shouldReadAStreamWithUsageAndOneWithTimingsAlone() {
    String timed =
        CHAT.substring(0, CHAT.length() - 3) + "," + TIMINGS + "}\n\n"; // on the finish chunk

    for (Answer answer : new Answer[] {stream(CHAT + USAGE + DONE), stream(timed + DONE)}) {
      assertThat(answer.state()).isEqualTo(Answer.State.OK);
      assertThat(answer.text()).isEqualTo("SG implementation");
      assertThat(answer.finishReason()).isEqualTo("length");
      assertThat(answer.usage()).isEqualTo(new Usage(30L, 2L, null, 29L));
      assertThat(answer.model()).isEqualTo("tiny.gguf");
    }
  }

  @Test
  void shouldTakeOutTheUsageChunkAndNothingElse() {
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    UsageChunkFilter filter = UsageChunkFilter.hiding(true);
    SseReader events = new SseReader();
    byte[] bytes = (CHAT + USAGE + DONE).getBytes(UTF_8);
    events.feed(bytes, 0, bytes.length, event -> filter.pass(event, seen::write));

    assertThat(seen.toString(UTF_8)).isEqualTo(CHAT + DONE);
  }

  @Test
  void shouldReadAWholeAnswer() {
    Answer answer =
        body(
            """
            {"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","content":"SG implementation"}}],"created":1,"model":"tiny.gguf","system_fingerprint":"b10587","object":"chat.completion","usage":{"completion_tokens":2,"prompt_tokens":30,"total_tokens":32,"prompt_tokens_details":{"cached_tokens":0}},"id":"chatcmpl-1","timings":{"cache_n":0,"prompt_n":30,"prompt_ms":3.107,"predicted_n":2,"predicted_ms":2.582}}\
            """);

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.finishReason()).isEqualTo("length");
    assertThat(answer.usage()).isEqualTo(new Usage(30L, 2L, null, 0L));
  }

  @Test
  void shouldReadCompletionsWhoseUsageIsOnTheLastChunkUnasked() {
    Answer answer =
        stream(
            """
            data: {"choices":[{"text":" allowing","index":0,"logprobs":null,"finish_reason":null}],"created":1,"model":"tiny.gguf","object":"text_completion","id":"chatcmpl-A"}

            data: {"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"created":1,"model":"tiny.gguf","object":"text_completion","usage":{"completion_tokens":1,"prompt_tokens":3,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":1}},"id":"chatcmpl-A","timings":{"cache_n":1,"prompt_n":2,"predicted_n":1}}

            data: [DONE]

            """);

    assertThat(answer.text()).isEqualTo(" allowing");
    assertThat(answer.finishReason()).isEqualTo("length");
    assertThat(answer.usage()).isEqualTo(new Usage(3L, 1L, null, 1L));
  }

  @Test
  void shouldReadResponsesAndMessages() {
    Answer response =
        body(
            """
            {"completed_at":1,"created_at":1,"id":"resp_8","model":"tiny.gguf","object":"response","output":[{"content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"SG"}],"id":"msg_N","role":"assistant","status":"completed","type":"message"}],"status":"completed","usage":{"input_tokens":30,"output_tokens":3,"total_tokens":33,"input_tokens_details":{"cached_tokens":29}}}\
            """);
    Answer message =
        body(
            """
            {"id":"chatcmpl-1","type":"message","role":"assistant","content":[{"type":"text","text":"SG"}],"model":"tiny.gguf","stop_reason":"max_tokens","stop_sequence":null,"usage":{"cache_read_input_tokens":29,"input_tokens":1,"output_tokens":3}}\
            """);

    for (Answer answer : new Answer[] {response, message}) {
      assertThat(answer.state()).isEqualTo(Answer.State.OK);
      assertThat(answer.text()).isEqualTo("SG");
      assertThat(answer.usage().prompt()).isEqualTo(30L);
      assertThat(answer.usage().completion()).isEqualTo(3L);
      assertThat(answer.usage().cached()).isEqualTo(29L);
    }
    assertThat(message.finishReason()).isEqualTo("max_tokens");
  }

  @Test
  void shouldReadItsErrors() {
    assertThat(
            error(
                body(
                    "{\"error\":{\"message\":\"Loading"
                        + " model\",\"type\":\"unavailable_error\",\"code\":503}}")))
        .isEqualTo(new OpenAiError("Loading model", "unavailable_error", null, "503", 0));
    assertThat(
            error(
                    body(
                        "{\"error\":{\"code\":400,\"message\":\"Expected 'messages' to be an"
                            + " array\",\"type\":\"invalid_request_error\"}}"))
                .code())
        .isEqualTo("400");
  }

  @Test
  void shouldReadTheErrorThatEndsAStreamOfMessages() {
    // The event's data is the bare error: only the event itself is called one.
    Answer answer =
        stream(
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"cache_read_input_tokens":0,"input_tokens":9,"output_tokens":0}}}

            event: error
            data: {"code":500,"message":"Compute error.","type":"server_error"}

            """);

    assertThat(error(answer))
        .isEqualTo(new OpenAiError("Compute error.", "server_error", null, "500", 0));
  }

  private static OpenAiError error(Answer answer) {
    assertThat(answer.state()).isEqualTo(Answer.State.ERROR);
    return Objects.requireNonNull(answer.error());
  }

  private static Answer body(String json) {
    return AnswerReader.ofBody().finish(json.getBytes(UTF_8));
  }

  private static Answer stream(String events) {
    AnswerReader reader = AnswerReader.ofStream();
    reader.feed(events.getBytes(UTF_8));
    return reader.finish();
  }
}
