package io.serin.openai.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.serin.openai.OpenAiError;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AnswerReaderTest {

  @Test
  void shouldReadAChatStreamOfOpenAi() {
    Answer answer =
        stream(
            """
            {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}
            {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}],"usage":null}
            {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"lo ☀"},"finish_reason":null}],"usage":null}
            {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}
            {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":16,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":4,"accepted_prediction_tokens":0}}}
            [DONE]\
            """);

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.id()).isEqualTo("chatcmpl-1");
    assertThat(answer.model()).isEqualTo("gpt-4o-mini");
    assertThat(answer.text()).isEqualTo("Hello ☀");
    assertThat(answer.finishReason()).isEqualTo("stop");
    assertThat(answer.usage()).isEqualTo(new Usage(19L, 10L, 4L, 16L));
    assertThat(answer.streamed()).isTrue();
    assertThat(answer.ended()).isTrue();
  }

  @Test
  void shouldReadAChatBodyOfOpenAi() {
    Answer answer =
        body(
            """
            {"id":"chatcmpl-2","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,
             "message":{"role":"assistant","content":"Paris.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"length"}],
             "usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7},"service_tier":"default"}\
            """);

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.text()).isEqualTo("Paris.");
    assertThat(answer.finishReason()).isEqualTo("length");
    assertThat(answer.usage()).isEqualTo(Usage.of(5, 2));
    assertThat(answer.usage().cached()).isNull();
  }

  @Test
  void shouldReadCompletionsWithTheFirstChoiceAlone() {
    Answer answer =
        stream(
            """
            {"id":"cmpl-1","object":"text_completion","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}],"model":"m"}
            {"choices":[{"text":"X","index":1,"finish_reason":null}]}
            {"choices":[{"text":"b","index":0,"finish_reason":"stop"}]}
            {"choices":[{"text":"Y","index":1,"finish_reason":"length"}]}
            [DONE]\
            """);

    assertThat(answer.text()).isEqualTo("ab");
    assertThat(answer.finishReason()).isEqualTo("stop");
  }

  @Test
  void shouldKnowAbsentUsageFromZero() {
    assertThat(
            stream(
                    "{\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n"
                        + "[DONE]")
                .usage())
        .isSameAs(Usage.NONE);
    assertThat(
            body("{\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"prompt_tokens_details\":null}}")
                .usage())
        .isEqualTo(new Usage(0L, null, null, null));
  }

  @Test
  void shouldTakeTheLastUsageWhereVllmRepeatsIt() {
    Answer answer =
        stream(
            """
            {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":7,"total_tokens":8,"completion_tokens":1}}
            {"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":7,"total_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}
            [DONE]\
            """);

    assertThat(answer.usage()).isEqualTo(new Usage(7L, 2L, null, 4L));
  }

  @Test
  void shouldAddWhatLlamaCppEvaluatedAndWhatItHadCached() {
    Answer answer =
        stream(
            """
            {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}
            {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"timings":{"cache_n":236,"prompt_n":1,"prompt_ms":30.9,"predicted_n":35,"predicted_ms":661.0}}
            [DONE]\
            """);

    assertThat(answer.usage()).isEqualTo(new Usage(237L, 35L, null, 236L));
  }

  @Test
  void shouldReadLlamaCppsOwnEndpoint() {
    Answer answer =
        stream(
            """
            {"content":"Hi","stop":false,"id_slot":0,"tokens_predicted":1,"tokens_evaluated":20}
            {"content":"","stop":true,"stop_type":"limit","tokens_predicted":9,"tokens_evaluated":20,"tokens_cached":28,"timings":{"prompt_n":5,"predicted_n":9}}\
            """);

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.text()).isEqualTo("Hi");
    assertThat(answer.finishReason()).isEqualTo("length");
    assertThat(answer.usage()).isEqualTo(new Usage(20L, 9L, null, 15L));
  }

  @Test
  void shouldNotTakeWhatTheContextHoldsForAPromptFromTheCache() {
    assertThat(
            body("{\"content\":\"Hi\",\"stop\":true,\"tokens_predicted\":9,\"tokens_evaluated\":20,\"tokens_cached\":28}")
                .usage()
                .cached())
        .isNull();
    assertThat(
            body("{\"content\":\"Hi\",\"stop\":true,\"tokens_predicted\":9,\"tokens_evaluated\":20,\"tokens_cached\":12}")
                .usage()
                .cached())
        .isEqualTo(12);
  }

  @Test
  void shouldReadTheSpellingsOfDeepSeekAndGroq() {
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,"
                    + "\"prompt_cache_hit_tokens\":8,\"prompt_cache_miss_tokens\":1}}")
                .usage()
                .cached())
        .isEqualTo(8);
    assertThat(
            stream(
                    "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}}")
                .usage())
        .isEqualTo(Usage.of(3, 4));
  }

  @Test
  void shouldReadAStreamOfAnthropic() {
    AnswerReader reader = AnswerReader.ofStream();
    reader.feed(
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: ping
        data: {"type":"ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

        event: message_stop
        data: {"type":"message_stop"}

        """
            .getBytes(UTF_8));
    Answer answer = reader.finish();

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.text()).isEqualTo("Hello");
    assertThat(answer.toolCalls()).isEqualTo(1);
    assertThat(answer.finishReason()).isEqualTo("end_turn");
    assertThat(answer.usage()).isEqualTo(new Usage(115L, 15L, null, 100L));
    assertThat(answer.id()).isEqualTo("msg_1");
  }

  @Test
  void shouldReadABodyOfAnthropic() {
    Answer answer =
        body(
            "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},"
                + "{\"type\":\"text\",\"text\":\"Hi\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}");

    assertThat(answer.text()).isEqualTo("Hi");
    assertThat(answer.usage()).isEqualTo(Usage.of(3, 2));
  }

  @Test
  void shouldReadOpenAisResponses() {
    String usage =
        "\"usage\":{\"input_tokens\":9,\"input_tokens_details\":{\"cached_tokens\":4},\"output_tokens\":3,\"output_tokens_details\":{\"reasoning_tokens\":1}}";
    Answer body =
        body(
            "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"error\":null,\"model\":\"m\",\"output\":[{\"type\":\"reasoning\",\"summary\":[]},"
                + "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]},"
                + "{\"type\":\"function_call\",\"name\":\"f\"}],"
                + usage
                + "}");
    Answer stream =
        stream(
            """
            {"type":"response.created","response":{"id":"resp_1","status":"in_progress","model":"m","output":[]}}
            {"type":"response.output_text.delta","delta":"Hi"}
            {"type":"response.output_item.added","item":{"type":"function_call","name":"f"}}
            {"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],%s}}\
            """
                .formatted(usage));

    for (Answer answer : new Answer[] {body, stream}) {
      assertThat(answer.state()).isEqualTo(Answer.State.OK);
      assertThat(answer.text()).isEqualTo("Hi");
      assertThat(answer.toolCalls()).isEqualTo(1);
      assertThat(answer.usage()).isEqualTo(new Usage(9L, 3L, 1L, 4L));
    }
  }

  @Test
  void shouldCountToolCallsAndNotTheirPieces() {
    Answer answer =
        stream(
            """
            {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}"}}]}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}}]}
            {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
            [DONE]\
            """);

    assertThat(answer.toolCalls()).isEqualTo(2);
    assertThat(answer.text()).isNull();
    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":null,\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}}}]}")
                .state())
        .isEqualTo(Answer.State.OK);
  }

  @Test
  void shouldSeeARefusalField() {
    Answer streamed =
        stream(
            """
            {"choices":[{"index":0,"delta":{"refusal":"I'm sorry, "},"finish_reason":null}]}
            {"choices":[{"index":0,"delta":{"refusal":"no."},"finish_reason":"stop"}]}\
            """);

    assertThat(streamed.refusal()).isEqualTo("I'm sorry, no.");
    assertThat(streamed.state()).isEqualTo(Answer.State.OK);
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"No.\"},\"finish_reason\":\"stop\"}]}")
                .refusal())
        .isEqualTo("No.");
  }

  @Test
  void shouldReadAResponseInTheBackgroundAsAnAnswer() {
    Answer answer =
        body("{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"queued\",\"output\":[]}");

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.finishReason()).isEqualTo("queued");
  }

  @Test
  void shouldReadWhyAResponseIsIncomplete() {
    String text =
        ",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"}]}]}";

    Answer cut =
        body(
            "{\"object\":\"response\",\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"
                + text);
    Answer filtered =
        body(
            "{\"object\":\"response\",\"incomplete_details\":{\"reason\":\"content_filter\"},\"status\":\"incomplete\""
                + text);

    assertThat(cut.finishReason()).isEqualTo("length");
    assertThat(Answer.isLimit("length")).isTrue();
    assertThat(filtered.finishReason()).isEqualTo("content_filter");
  }

  @Test
  void shouldTakeAnthropicsRefusalForOneAndItsToolsForContent() {
    Answer refused =
        body(
            "{\"type\":\"message\",\"content\":[],\"stop_reason\":\"refusal\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}");
    Answer searched =
        body(
            "{\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":\"image_generation_call\",\"result\":\"…\"}]}");

    assertThat(refused.state()).isEqualTo(Answer.State.OK);
    assertThat(refused.refusal()).isNotNull();
    assertThat(searched.state()).isEqualTo(Answer.State.OK);
  }

  @Test
  void shouldFindAnAnswerWithoutTextOrToolCallEmpty() {
    assertThat(
            stream(
                    "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n"
                        + "[DONE]")
                .state())
        .isEqualTo(Answer.State.EMPTY);
    assertThat(stream("[DONE]").state()).isEqualTo(Answer.State.EMPTY);
    assertThat(body("").state()).isEqualTo(Answer.State.EMPTY);
    assertThat(body(" ").state()).isEqualTo(Answer.State.MALFORMED);
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":\" \\n\"},\"finish_reason\":\"stop\"}]}")
                .state())
        .isEqualTo(Answer.State.EMPTY);
    assertThat(body("{\"choices\":[]}").state()).isEqualTo(Answer.State.EMPTY);
  }

  @Test
  void shouldTakeReasoningForContent() {
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":null,\"reasoning_content\":\"hm\"},\"finish_reason\":\"length\"}]}")
                .state())
        .isEqualTo(Answer.State.OK);
    AnswerReader reader = AnswerReader.ofStream();
    reader.feed(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"hm\"}}]}\n\n".getBytes(UTF_8));
    assertThat(reader.hasContent()).isTrue();
  }

  @Test
  void shouldTellAFinishReasonThatSaysItFailedFromAnEmptyError() {
    for (String reason : List.of("abort", "error")) {
      assertThat(
              body("{\"choices\":[{\"message\":{\"content\":\"half\"},\"finish_reason\":\""
                      + reason
                      + "\"}]}")
                  .state())
          .isEqualTo(Answer.State.ERROR);
    }
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"error\":\"\"}")
                .state())
        .isEqualTo(Answer.State.OK);
  }

  @Test
  void shouldNotCallAFilteredAnswerEmpty() {
    Answer answer =
        body(
            "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"content_filter\"}]}");

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.finishReason()).isEqualTo("content_filter");
  }

  @Test
  void shouldNotCallOtherContentEmpty() {
    assertThat(
            body("{\"object\":\"list\",\"data\":[{\"embedding\":[0.1]}],\"model\":\"e\",\"usage\":{\"prompt_tokens\":2}}")
                .state())
        .isEqualTo(Answer.State.OK);
    assertThat(
            body("{\"choices\":[{\"message\":{\"content\":null,\"audio\":{\"id\":\"a\",\"data\":\"\"}},\"finish_reason\":\"stop\"}]}")
                .state())
        .isEqualTo(Answer.State.OK);
  }

  @Test
  void shouldFindAStreamThatStopsCut() {
    assertThat(
            stream(
                    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}")
                .state())
        .isEqualTo(Answer.State.CUT);
    assertThat(stream("").state()).isEqualTo(Answer.State.CUT);

    AnswerReader inside = AnswerReader.ofStream();
    inside.feed(
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"del"
            .getBytes(UTF_8));
    assertThat(inside.finish().state()).isEqualTo(Answer.State.CUT);
  }

  @Test
  void shouldFindAStreamEndedByDoneOrByAFinishReason() {
    String chunk =
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":%s}]}";
    assertThat(stream(chunk.formatted("\"stop\"")).ended()).isTrue();
    assertThat(stream(chunk.formatted("null") + "\n[DONE]").ended()).isTrue();

    AnswerReader withoutBlankLine = AnswerReader.ofStream();
    withoutBlankLine.feed(
        ("data: " + chunk.formatted("null") + "\n\ndata: [DONE]").getBytes(UTF_8));
    assertThat(withoutBlankLine.finish().state()).isEqualTo(Answer.State.OK);
  }

  @Test
  void shouldReportAnErrorInsideAStream() {
    Answer answer =
        stream(
            """
            {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}
            {"error":{"message":"The server is overloaded.","type":"server_error","param":null,"code":503}}
            [DONE]\
            """);

    assertThat(answer.state()).isEqualTo(Answer.State.ERROR);
    assertThat(answer.error())
        .isEqualTo(new OpenAiError("The server is overloaded.", "server_error", null, "503", 0));
    assertThat(answer.text()).isEqualTo("Hel");
  }

  @Test
  void shouldReportTheErrorsOfOtherServers() {
    assertThat(
            error(
                body(
                    "{\"object\":\"error\",\"message\":\"too"
                        + " long\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}")))
        .isEqualTo(new OpenAiError("too long", "BadRequestError", null, "400", 0));
    assertThat(
            error(
                    body(
                        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"))
                .type())
        .isEqualTo("overloaded_error");
    assertThat(error(body("{\"error\":\"model not loaded\"}")).message())
        .isEqualTo("model not loaded");
  }

  @Test
  void shouldFindMalformedWhatTheApiDoesNotSay() {
    assertThat(body("<html>502</html>").malformed()).startsWith("not JSON");
    assertThat(body("[]").malformed()).isEqualTo("not a JSON object");
    assertThat(body("{\"choices\":[{\"message\":{\"content\":\"x\"").malformed())
        .startsWith("not JSON");
    assertThat(body("{\"hello\":1}").malformed()).isEqualTo("no choices");
    assertThat(body("{\"choices\":{}}").malformed()).isEqualTo("choices is not an array");
    assertThat(body("{\"choices\":[1]}").malformed()).isEqualTo("a choice is not an object");
    assertThat(body("{\"choices\":[{\"message\":{\"content\":7}}]}").malformed())
        .isEqualTo("content is not a string");
    assertThat(body("{\"choices\":[{\"message\":\"x\"}]}").malformed())
        .isEqualTo("message is not an object");
    assertThat(body("{\"choices\":[]} x").malformed()).isNotNull();
    assertThat(stream("{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\nnonsense\n[DONE]").state())
        .isEqualTo(Answer.State.MALFORMED);
  }

  @Test
  void shouldNeverQuoteAnAnswerInItsReasonOrDescription() {
    Answer answer = body("{\"choices\":[{\"message\":{\"content\":secret");

    assertThat(answer.malformed()).doesNotContain("secret");
    assertThat(body("{\"choices\":[{\"message\":{\"content\":\"secret\"}}]}").toString())
        .doesNotContain("secret");
  }

  @Test
  void shouldKeepNoMoreTextThanAsked() {
    AnswerReader reader = AnswerReader.ofStream(5);
    reader.feed(
        "data: {\"choices\":[{\"delta\":{\"content\":\"abc\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"defg\"},\"finish_reason\":\"stop\"}]}\n\n"
            .getBytes(UTF_8));
    Answer answer = reader.finish();

    assertThat(answer.text()).isEqualTo("abcde");
    assertThat(answer.textTruncated()).isTrue();
    assertThat(answer.state()).isEqualTo(Answer.State.OK);
  }

  @Test
  void shouldNotCondemnWhatItDidNotRead() {
    AnswerReader reader = AnswerReader.ofBody(100, 20);
    reader.feed("{\"choices\":[{\"message\":{\"content\":\"x\"}}]}".getBytes(UTF_8));
    Answer answer = reader.finish();

    assertThat(answer.state()).isEqualTo(Answer.State.OK);
    assertThat(answer.text()).isNull();
    assertThat(answer.textTruncated()).isTrue();
  }

  @Test
  void shouldSayTheSameWhenAskedAgain() {
    AnswerReader reader = AnswerReader.ofBody();
    reader.feed("{\"choices\":[{\"message\":{\"content\":\"x\"}}]}".getBytes(UTF_8));

    assertThat(reader.finish().text()).isEqualTo("x");
    assertThat(reader.finish()).isSameAs(reader.finish());
  }

  @Test
  void shouldChooseItsWayByTheContentType() {
    assertThat(AnswerReader.ofContentType("text/event-stream; charset=utf-8").streamed()).isTrue();
    assertThat(AnswerReader.ofContentType("Text/Event-Stream").streamed()).isTrue();
    assertThat(AnswerReader.ofContentType("application/json").streamed()).isFalse();
    assertThat(AnswerReader.ofContentType(null).streamed()).isFalse();
  }

  @Test
  void shouldSkipASecondModelThatIsAnObject() {
    Answer answer =
        body(
            """
            {"model":"a","model":{"id":"b"},"id":"1","id":[2],
             "choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}\
            """);

    assertThat(answer.malformed()).isNull();
    assertThat(answer.model()).isEqualTo("a");
    assertThat(answer.text()).isEqualTo("Hi");
  }

  @Test
  void shouldSayWhenContentBegan() {
    AnswerReader reader = AnswerReader.ofStream();
    reader.feed(
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
            .getBytes(UTF_8));
    assertThat(reader.hasContent()).isFalse();

    reader.feed("data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\n".getBytes(UTF_8));
    assertThat(reader.hasContent()).isTrue();
  }

  private static OpenAiError error(Answer answer) {
    assertThat(answer.state()).isEqualTo(Answer.State.ERROR);
    return Objects.requireNonNull(answer.error());
  }

  private static Answer body(String json) {
    AnswerReader reader = AnswerReader.ofBody();
    reader.feed(json.getBytes(UTF_8));
    return reader.finish();
  }

  /** One event for each line. */
  private static Answer stream(String lines) {
    AnswerReader reader = AnswerReader.ofStream();
    if (!lines.isEmpty()) {
      for (String line : lines.split("\n")) {
        reader.feed(("data: " + line + "\n\n").getBytes(UTF_8));
      }
    }
    return reader.finish();
  }
}
