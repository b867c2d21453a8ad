package io.serin.openai.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ToolCallReaderTest {
  @Test
  void shouldPutCallsTogetherFromTheDeltasOfAStream() {
    AnswerReader reader = AnswerReader.ofStream().keepToolCalls();
    feed(reader, "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"find\",\"arguments\":\"\"}}");
    feed(reader, "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"sum\",\"arguments\":\"{\"}}");
    feed(reader, "{\"index\":0,\"function\":{\"arguments\":\"{}\"}}");
    feed(reader, "{\"index\":1,\"function\":{\"arguments\":\"}\"}}");

    assertThat(reader.finish().toolCalls()).isEqualTo(2);
    assertThat(reader.toolCalls())
        .containsExactly(new ToolCall("find", "{}"), new ToolCall("sum", "{}"));
  }

  @Test
  void shouldReadTheCallsOfABodyWhateverTheOrderOfTheirFields() {
    AnswerReader reader = AnswerReader.ofBody().keepToolCalls();
    reader.feed(
        bytes(
            "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"a\\\":1}\","
                + "\"name\":\"sum\"}},{\"function\":{\"name\":\"find\"}}]},"
                + "\"finish_reason\":\"tool_calls\"}]}"));
    reader.finish();

    assertThat(reader.toolCalls())
        .containsExactly(new ToolCall("sum", "{\"a\":1}"), new ToolCall("find", ""));
  }

  @Test
  void shouldSayThatTheyAreNotKnownWhereTheyWereNotKeptOrAreTooLong() {
    AnswerReader without = AnswerReader.ofStream();
    feed(without, "{\"index\":0,\"function\":{\"name\":\"find\",\"arguments\":\"{}\"}}");
    AnswerReader small = AnswerReader.ofStream(10).keepToolCalls();
    feed(small, "{\"index\":0,\"function\":{\"name\":\"find\",\"arguments\":\"{0123456789}\"}}");

    assertThat(without.toolCalls()).isNull();
    assertThat(small.finish().toolCalls()).isEqualTo(1);
    assertThat(small.toolCalls()).isNull();
  }

  private static void feed(AnswerReader reader, String call) {
    reader.feed(bytes("data: {\"choices\":[{\"delta\":{\"tool_calls\":[" + call + "]}}]}\n\n"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
