package io.serin.openai.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.SseReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** State is marked on its way out, and comes back as it was, to who made it alone. */
class ConversationStateTest {

  private static final String OURS = StateMark.of("AAAAAAAAAAAAAAAAAAAA");
  private static final String THEIRS = StateMark.of("BBBBBBBBBBBBBBBBBBBB");
  private static final String MSG = "msg_0123456789abcdef";
  private static final String CALL = "fc_0123456789abcdef";

  @Test
  void shouldMarkThinkingInABodyAndTouchNothingElse() {
    String body =
        "{\"content\": [ {\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"abc==\"},"
            + "{\"type\":\"redacted_thinking\",\"data\":\"xyz\"},"
            + "{\"type\":\"tool_use\",\"input\":{\"signature\":\"void f()\"}},"
            + "{\"type\":\"text\",\"text\":\"\\\"signature\\\"\"}]}";

    assertThat(marked(Endpoint.MESSAGES, body))
        .isEqualTo(body.replace("abc==", "abc==" + OURS).replace("xyz", "xyz" + OURS));
  }

  @Test
  void shouldMarkStateOfEveryDialectInStreamsHoweverTheyAreCut() {
    String stream =
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
            + "\"delta\":{\"type\":\"signature_delta\",\"signature\":\"abc\"}}\n\n"
            + "event: content_block_start\r\ndata: {\"content_block\":"
            + "{\"type\":\"redacted_thinking\",\"data\":\"xyz\"}}\r\n\r\n"
            + "data: {\"delta\":{\"type\":\"text_delta\",\"text\":\"signature\"}}\n\n";
    String wanted = stream.replace("\"abc\"", "\"abc" + OURS + "\"").replace("xyz", "xyz" + OURS);

    for (int size = 1; size < 60; size++) {
      assertThat(streamed(Endpoint.MESSAGES, stream, size)).isEqualTo(wanted);
    }
  }

  @Test
  void shouldMarkAnEventOfSeveralDataLinesOnOneLine() {
    assertThat(
            streamed(
                Endpoint.MESSAGES,
                "event: x\ndata: {\"delta\":\ndata: {\"type\":\"signature_delta\",\"signature\":\"abc\"}}\n\n",
                1000))
        .isEqualTo(
            "event: x\ndata: {\"delta\": {\"type\":\"signature_delta\",\"signature\":\"abc"
                + OURS
                + "\"}}\n\n");
  }

  @Test
  void shouldMarkItemsOfResponsesByTheSameMarkInDeltasAndAtTheEnd() {
    String stream =
        "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"message\",\"id\":\""
            + MSG
            + "\"}}\n\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\""
            + MSG
            + "\",\"delta\":\"a\"}\n\ndata: {\"response\":{\"id\":\"resp_0123456789abcdef\",\"output\":["
            + "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"encrypted_content\":\"gAAA\"},"
            + "{\"type\":\"image_generation_call\",\"id\":\"ig\"},{\"type\":\"message\",\"id\":\""
            + MSG
            + "\"}]}}\n\n";

    assertThat(streamed(Endpoint.RESPONSES, stream, 1000))
        .isEqualTo(
            stream
                .replace(MSG, MSG + OURS)
                .replace("rs_1", "rs_1" + OURS)
                .replace("gAAA", "gAAA" + OURS));
  }

  @Test
  void shouldMarkThoughtSignaturesOfGeminiAndReasoningDetailsOfGateways() {
    String body =
        "{\"choices\":[{\"message\":{\"content\":\"thought_signature\",\"tool_calls\":[{\"id\":\"c\","
            + "\"extra_content\":{\"google\":{\"thought_signature\":\"tt\"}}}],"
            + "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"dd\"}],"
            + "\"thinking_blocks\":[{\"type\":\"thinking\",\"signature\":\"ss\"}]}}]}";

    assertThat(marked(Endpoint.CHAT_COMPLETIONS, body))
        .isEqualTo(
            body.replace("\"tt\"", "\"tt" + OURS + "\"")
                .replace("\"dd\"", "\"dd" + OURS + "\"")
                .replace("\"ss\"", "\"ss" + OURS + "\""));
  }

  @Test
  void shouldGiveAModelItsOwnThinkingAsItMadeItAndNoOneElses() {
    String body =
        messages(
            "",
            "{\"role\":\"user\",\"content\":\"hi\"}",
            "{\"role\":\"assistant\",\"content\":[" + thinking("a" + THEIRS) + "," + text() + "]}",
            "{\"role\":\"user\",\"content\":\"more\"}",
            "{\"role\":\"assistant\",\"content\":[" + thinking("b" + OURS) + "," + text() + "]}",
            "{\"role\":\"user\",\"content\":\"go on\"}");

    RequestState state = state(Endpoint.MESSAGES, body);

    assertThat(state.marks()).containsExactly(THEIRS, OURS);
    assertThat(kept(state, OURS))
        .isEqualTo(body.replace(thinking("a" + THEIRS) + ",", "").replace(OURS, ""));
    assertThat(kept(state, THEIRS))
        .isEqualTo(body.replace(thinking("b" + OURS) + ",", "").replace(THEIRS, ""));
  }

  @Test
  void shouldNotAskForThinkingWhereTheThinkingOfAToolCallIsTakenOut() {
    String before = "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},";
    String body =
        messages(
            before,
            "{\"role\":\"user\",\"content\":\"hi\"}",
            "{\"role\":\"assistant\",\"content\":["
                + thinking("a" + THEIRS)
                + ",{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{}}]}",
            "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\"}]}");

    assertThat(kept(state(Endpoint.MESSAGES, body), OURS))
        .isEqualTo(body.replace(before, "").replace(thinking("a" + THEIRS) + ",", ""));
    assertThat(kept(state(Endpoint.MESSAGES, body), THEIRS)).isEqualTo(body.replace(THEIRS, ""));
  }

  @Test
  void shouldTakeOutAMessageThatIsNothingButForeignThinking() {
    String only = "{\"role\":\"assistant\",\"content\":[" + thinking("a" + THEIRS) + "]}";
    String body =
        messages(
            "",
            "{\"role\":\"user\",\"content\":\"hi\"}",
            only,
            "{\"role\":\"user\",\"content\":\"\"}");

    assertThat(kept(state(Endpoint.MESSAGES, body), OURS)).isEqualTo(body.replace(only + ",", ""));
  }

  @Test
  void shouldTakeForeignItemsOutOfResponsesAndLeaveAValidRequest() {
    String reasoning =
        "{\"type\":\"reasoning\",\"id\":\"rs_1" + THEIRS + "\",\"encrypted_content\":\"g\"}";
    String body =
        "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"hi\"},"
            + reasoning
            + ",{\"type\":\"function_call\",\"id\":\""
            + CALL
            + THEIRS
            + "\",\"call_id\":\"c1\",\"arguments\":\"{}\"},"
            + "{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":\"7\"},"
            + "{\"type\":\"item_reference\",\"id\":\"fc_2"
            + THEIRS
            + "\"},{\"type\":\"function_call_output\",\"call_id\":\"c2\",\"output\":\"8\"}],"
            + "\"previous_response_id\":\"resp_x\"}";

    RequestState state = state(Endpoint.RESPONSES, body);

    assertThat(state.references()).isTrue();
    assertThat(new String(state.keeping(OURS::equals, false).body(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"hi\"}"
                + ",{\"type\":\"function_call\",\"call_id\":\"c1\",\"arguments\":\"{}\"},"
                + "{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":\"7\"}"
                + ",{\"type\":\"message\",\"role\":\"user\",\"content\":\"8\"}]}");
    assertThat(new String(state.keeping(THEIRS::equals, true).body(), StandardCharsets.UTF_8))
        .isEqualTo(body.replace(THEIRS, ""));
  }

  @Test
  void shouldTakeForeignMembersOutOfAChat() {
    String foreign = ",\"extra_content\":{\"google\":{\"thought_signature\":\"t" + THEIRS + "\"}}";
    String body =
        messages(
            "",
            "{\"role\":\"user\",\"content\":\"hi\"}",
            "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\""
                + foreign
                + "}],\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"d"
                + OURS
                + "\"}]}");

    RequestState state = state(Endpoint.CHAT_COMPLETIONS, body);

    assertThat(kept(state, OURS)).isEqualTo(body.replace(foreign, "").replace(OURS, ""));
  }

  @Test
  void shouldFindStateThatNobodyMarkedAndAConversationThatAServerStores() {
    assertThat(
            state(
                    Endpoint.RESPONSES,
                    "{\"model\":\"m\",\"conversation\":\"conv_1\",\"input\":[{\"type\":\"reasoning\","
                        + "\"id\":\"rs_1\",\"encrypted_content\":\"g\",\"summary\":[]}]}")
                .marks())
        .containsExactly(RequestState.UNMARKED, RequestState.UNMARKED);
  }

  @Test
  void shouldTakeWhatATextSaysForNoState() {
    String body =
        messages(
            "",
            "{\"role\":\"user\",\"content\":\"{\\\"signature\\\":\\\"x" + OURS + "\\\"}\"}",
            "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\","
                + "\"input\":{\"type\":\"thinking\",\"signature\":\"x"
                + THEIRS
                + "\"}}]}");

    assertThat(state(Endpoint.MESSAGES, body).isEmpty()).isTrue();
    assertThat(state(Endpoint.CHAT_COMPLETIONS, body).isEmpty())
        .as("a part of a chat's content has no input of tools")
        .isTrue();
    CompletionRequest request = CompletionRequest.read(Endpoint.MESSAGES, bytes(body));
    assertThat(RequestState.of(request).keeping(OURS::equals, true)).isSameAs(request);
  }

  private static String messages(String before, String... messages) {
    return "{\"model\":\"m\"," + before + "\"messages\":[" + String.join(",", messages) + "]}";
  }

  private static String thinking(String signature) {
    return "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"" + signature + "\"}";
  }

  private static String text() {
    return "{\"type\":\"text\",\"text\":\"yes\"}";
  }

  private static RequestState state(Endpoint endpoint, String body) {
    return RequestState.of(CompletionRequest.read(endpoint, bytes(body)));
  }

  private static String kept(RequestState state, String mark) {
    return new String(state.keeping(mark::equals, true).body(), StandardCharsets.UTF_8);
  }

  private static String marked(Endpoint endpoint, String body) {
    return new String(
        new AnswerState(endpoint, () -> OURS, (event, out) -> {}).body(bytes(body)),
        StandardCharsets.UTF_8);
  }

  private static String streamed(Endpoint endpoint, String stream, int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AnswerState state =
        new AnswerState(
            endpoint,
            () -> OURS,
            (event, to) -> to.write(event.raw(), event.rawOffset(), event.rawLength()));
    SseReader reader = new SseReader();
    byte[] all = bytes(stream);
    for (int at = 0; at < all.length; at += size) {
      reader.feed(
          Arrays.copyOfRange(all, at, Math.min(all.length, at + size)),
          event -> state.pass(event, out::write));
    }
    reader.finish(event -> state.pass(event, out::write));
    return out.toString(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
