package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "CHAT_COMPLETIONS, '', [DONE], true",
    "CHAT_COMPLETIONS, message_stop, {}, false",
    "RESPONSES, response.completed, {}, true",
    "RESPONSES, response.incomplete, {}, true",
    "RESPONSES, response.failed, {}, true",
    "RESPONSES, response.created, {}, false",
    "RESPONSES, '', [DONE], true",
    "MESSAGES, message_stop, {}, true",
    "MESSAGES, message_delta, {}, false",
  })
  void shouldKnowTheLastEventOfEachKindOfStream(
      Endpoint endpoint, String name, String data, boolean last) {
    List<Boolean> ends = new ArrayList<>();
    SseReader reader = new SseReader();
    byte[] bytes =
        ((name.isEmpty() ? "" : "event: " + name + "\n") + "data: " + data + "\n\n")
            .getBytes(UTF_8);
    reader.feed(bytes, 0, bytes.length, event -> ends.add(endpoint.ends(event)));

    assertThat(ends).containsExactly(last);
  }

  @Test
  void shouldTellErrorsInTheShapeOfEachEndpointsClients() {
    OpenAiError error = OpenAiError.server(502, "cut", "upstream_cut");

    assertThat(new String(error.toEvent(Endpoint.RESPONSES), UTF_8))
        .isEqualTo(
            "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_cut\",\"message\":\"cut\",\"param\":null,\"sequence_number\":null}\n\n");
    assertThat(new String(error.toEvent(Endpoint.MESSAGES), UTF_8))
        .isEqualTo(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"cut\"}}\n\n");
    assertThat(new String(OpenAiError.modelNotFound("m").toJson(Endpoint.MESSAGES), UTF_8))
        .contains("\"not_found_error\"");
    assertThat(error.toJson(Endpoint.CHAT_COMPLETIONS)).isEqualTo(error.toJson());
  }
}
