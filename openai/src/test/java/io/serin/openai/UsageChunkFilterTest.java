package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class UsageChunkFilterTest {

  private static final String USAGE =
      "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";

  @Test
  void shouldDropTheChunkThatOnlyTheRouterAskedFor() {
    assertThat(hidden(USAGE)).isEmpty();
    assertThat(hidden("data: {\"usage\":{\"prompt_tokens\":1},\"choices\": [ ] }\r\n\r\n"))
        .isEmpty();
  }

  @Test
  void shouldTakeTheNullUsageOutOfEveryOtherChunk() {
    assertThat(hidden("data: {\"id\":\"1\",\"choices\":[{}],\"usage\":null}\n\n"))
        .isEqualTo("data: {\"id\":\"1\",\"choices\":[{}]}\n\n");
    assertThat(hidden("data: {\"usage\":null,\"id\":\"1\"}\n\n"))
        .isEqualTo("data: {\"id\":\"1\"}\n\n");
    assertThat(hidden("data: {\"a\":1,\"usage\": null ,\"b\":2}\n\n"))
        .isEqualTo("data: {\"a\":1 ,\"b\":2}\n\n");
    assertThat(hidden("data: {\"usage\":null}\n\n")).isEqualTo("data: {}\n\n");
  }

  @Test
  void shouldHideTheUsageInDataOnSeveralLines() {
    assertThat(
            hidden(
                "data: {\"id\":\"c\",\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":7}}\n\n"))
        .isEmpty();
    assertThat(
            hidden(
                "event: message\ndata: {\"id\":\"c\",\ndata: \"choices\":[{}],\"usage\":null}\n\n"))
        .isEqualTo("event: message\ndata: {\"id\":\"c\", \"choices\":[{}]}\n\n");
  }

  @Test
  void shouldKeepWhatElseTheUsageChunkCarries() {
    assertThat(
            hidden(
                "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":7},\"citations\":[\"a\"]}\n\n"))
        .isEqualTo("data: {\"id\":\"c\",\"choices\":[],\"citations\":[\"a\"]}\n\n");
  }

  @Test
  void shouldPassAllElseAsItCame() {
    for (String event :
        new String[] {
          "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":null\"}}]}\n\n",
          "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":1}}\n\n",
          "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n",
          "data: {\"choices\":[{\"usage\":null}]}\n\n",
          "data: {\"usage\": broken\n\n",
          "data: [DONE]\n\n",
          ": keep-alive\n",
          "event: error\ndata: {\"error\":{}}\n\n",
          "\n"
        }) {
      assertThat(hidden(event)).isEqualTo(event);
    }
  }

  @Test
  void shouldHideNothingFromAClientWhoAsked() {
    UsageChunkFilter filter =
        UsageChunkFilter.of(
            request(
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));

    assertThat(filter.hides()).isFalse();
    assertThat(pass(filter, USAGE)).isEqualTo(USAGE);
  }

  @Test
  void shouldHideOnlyFromAStreamThatDidNotAsk() {
    assertThat(UsageChunkFilter.of(request("{\"model\":\"m\",\"stream\":true}")).hides()).isTrue();
    assertThat(
            UsageChunkFilter.of(
                    request(
                        "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":false}}"))
                .hides())
        .isTrue();
    assertThat(UsageChunkFilter.of(request("{\"model\":\"m\"}")).hides()).isFalse();
  }

  private static CompletionRequest request(String body) {
    return CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, body.getBytes(UTF_8));
  }

  private static String hidden(String event) {
    return pass(UsageChunkFilter.hiding(true), event);
  }

  private static String pass(UsageChunkFilter filter, String event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SseReader reader = new SseReader();
    // The event does not begin at the buffer's beginning.
    reader.feed("data: first\n\n".getBytes(UTF_8), first -> {});
    SseReader.Sink sink = piece -> filter.pass(piece, out::write);
    reader.feed(event.getBytes(UTF_8), sink);
    reader.finish(sink);
    return out.toString(UTF_8);
  }
}
