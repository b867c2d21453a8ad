package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.vertx.core.net.NetServer;
import org.junit.jupiter.api.Test;

/** Control and candidate are two models of one server that writes more than it was asked for. */
class SharedServerTest extends RouterTestBase {

  private static final String STRAY =
      answer(
          200,
          "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"somebody else's\"},\"finish_reason\":\"stop\"}]}");

  @Test
  void shouldNotGiveWhatComesBehindAnAnswerToTheNextRequest() {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                socket ->
                    socket.handler(
                        bytes ->
                            socket.write(
                                bytes.toString().contains("new-model")
                                    ? answer(500, "{}") + STRAY
                                    : answer(
                                        200,
                                        STRAY
                                            .substring(STRAY.indexOf('{'))
                                            .replace("somebody else's", "from control")))))
            .listen(0, "127.0.0.1")
            .await();
    String url = "http://127.0.0.1:" + server.actualPort() + "/v1";
    Command command = Commands.assistant(++revision, url, url, 10_000);
    adopt(command);

    for (int i = 0; i < 4; i++) {
      assertThat(textOf(chat(false))).isEqualTo("from control");
    }

    assertThat(evidence.events(8).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.HTTP_ERROR);
    server.close().await();
  }

  private static String answer(int status, String json) {
    return "HTTP/1.1 "
        + status
        + " Some\r\ncontent-type: application/json\r\ncontent-length: "
        + json.length()
        + "\r\n\r\n"
        + json;
  }
}
