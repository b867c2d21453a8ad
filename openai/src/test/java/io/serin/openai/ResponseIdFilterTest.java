package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class ResponseIdFilterTest {

  private final ResponseIdFilter filter = new ResponseIdFilter(id -> "signed-" + id, "client-sent");

  @Test
  void shouldNameABodyAnewAndLeaveTheRest() {
    String body =
        "{\"id\":\"resp_1\", \"object\":\"response\",\"previous_response_id\":\"resp_0\",\"output\":[{\"id\":\"msg_1\"}]}";

    assertThat(new String(filter.body(body.getBytes(UTF_8)), UTF_8))
        .isEqualTo(
            "{\"id\":\"signed-resp_1\", \"object\":\"response\",\"previous_response_id\":\"client-sent\",\"output\":[{\"id\":\"msg_1\"}]}");
  }

  @Test
  void shouldNameTheResponseInsideEventsAnewAndLeaveAllOtherBytes() {
    String stream =
        """
        event: response.created
        data: {"type":"response.created","response":{"id":"resp_1","status":"in_progress","previous_response_id":null}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","item_id":"msg_1","delta":"resp_1"}

        : a comment

        data: {"type":"response.completed","response":{"id":"resp_1","status":"completed"}}

        event: other
        data: {"response":{"id":"resp_1"}}

        """;

    assertThat(passed(stream))
        .isEqualTo(
            stream.replace(
                "\"response\":{\"id\":\"resp_1\",\"status\"",
                "\"response\":{\"id\":\"signed-resp_1\",\"status\""));
  }

  @Test
  void shouldNameAnewAlsoInDataOnSeveralLinesAndJoinThem() {
    String stream =
        """
        event: response.created
        data: {"type":"response.created",
        data: "response":{"id":"resp_1"}}

        """;

    assertThat(passed(stream))
        .isEqualTo(
            """
            event: response.created
            data: {"type":"response.created", "response":{"id":"signed-resp_1"}}

            """);
  }

  @Test
  void shouldPassWhatItCannotRead() {
    assertThat(filter.body("not json".getBytes(UTF_8))).isEqualTo("not json".getBytes(UTF_8));
    assertThat(passed("data: {broken\n\n")).isEqualTo("data: {broken\n\n");
    assertThat(passed("data: {\"response\":7}\n\n")).isEqualTo("data: {\"response\":7}\n\n");
  }

  private String passed(String stream) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SseReader reader = new SseReader();
    byte[] bytes = stream.getBytes(UTF_8);
    reader.feed(bytes, 0, bytes.length, event -> filter.pass(event, out::write));
    reader.finish(event -> filter.pass(event, out::write));
    return out.toString(UTF_8);
  }
}
