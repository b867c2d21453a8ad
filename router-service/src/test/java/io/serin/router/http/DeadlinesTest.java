package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every way in which a variant can keep a client waiting has a bound, and second tries have one.
 */
class DeadlinesTest extends RouterTestBase {

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        100,
        0,
        false,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
  }

  /** As behind a firewall that drops: nobody says no, and nobody says yes. */
  @Test
  void shouldServeControlWhereNoConnectionToTheCandidateComesAbout() throws IOException {
    List<Socket> waiting = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assumeThat(fills(full, waiting)).as("a backlog can be full here").isTrue();
      Command command = deadlines(command(10_000), 300, 15_000, 20_000, 60_000);
      command.getVariants().get(1).setUrl("http://127.0.0.1:" + full.getLocalPort() + "/v1");
      adopt(command);

      assertThat(textOf(chat(false))).isEqualTo("from control");

      RequestEvent failed = evidence.events(2).getFirst();
      assertThat(failed.getMeasurement().getOutcome()).isEqualTo(Outcome.CONNECT_ERROR);
      assertThat(failed.getMeasurement().getDurationMicros()).isBetween(290_000L, 7_000_000L);
    } finally {
      for (Socket socket : waiting) {
        socket.close();
      }
    }
  }

  /** Each event comes well within the idle deadline, and there is no last one. */
  @Test
  void shouldEndAStreamThatGoesOnForLongerThanTheTotalDeadline() {
    adopt(deadlines(command(10_000), 10_000, 20_000, 20_000, 1_000));
    candidate.does(request -> trickle(Upstream.sse(request)));

    String seen = Raw.answer(router, CHAT, body(true));

    assertThat(seen).contains("on and on", "upstream_timeout").doesNotContain("[DONE]");
    assertThat(seen).as("no clean end").doesNotEndWith("0\r\n\r\n");
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.TIMEOUT);
    assertThat(event.getMeasurement().getCompletionTokens()).isPositive();
    assertThat(event.getMeasurement().getDurationMicros()).isBetween(700_000L, 10_000_000L);
    assertThat(candidate.sawReset()).isTrue();
  }

  /** A client that stops reading must not hold a place at the model for ever. */
  @Test
  void shouldTakeAVariantBackFromAClientThatReadsNothingUntilTheTotalDeadline() throws IOException {
    adopt(deadlines(command(10_000), 10_000, 20_000, 500, 2_000));
    String big = Upstream.CHUNK.formatted("x".repeat(8_000));
    candidate.does(request -> flood(Upstream.sse(request), big));

    try (Socket socket = Raw.post(router, CHAT, body(true))) {
      RequestEvent event = evidence.events(1).getFirst();

      assertThat(socket.isConnected()).isTrue();
      assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.TIMEOUT);
      assertThat(event.getMeasurement().getDurationMicros())
          .as("not the idle deadline: it is the client who is slow")
          .isGreaterThan(1_700_000L);
      assertThat(candidate.sawReset()).isTrue();
    }
  }

  @Test
  void shouldBoundOtherPathsToo() {
    adopt(deadlines(command(0), 10_000, 500, 20_000, 60_000));
    control.does(Upstream.hang());

    HttpResponse<String> response = post("/v1/audio/speech", "{}");

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(json(response).at("/error/code").asText()).isEqualTo("upstream_timeout");
    assertThat(control.sawReset()).isTrue();
  }

  /** Both servers are too busy; asking each for every client would make that worse. */
  @Test
  void shouldStopTryingAgainWhereTheBudgetIsSpent() {
    int requests = 30;
    try (Upstream second = new Upstream(vertx)) {
      Command command = command(0);
      command.getVariants().getFirst().setMoreUrls(List.of(second.url()));
      adopt(command);
      control.does(Upstream.json(429, "{\"error\":{\"message\":\"busy\"}}"));
      second.does(Upstream.json(429, "{\"error\":{\"message\":\"busy\"}}"));

      for (int i = 0; i < requests; i++) {
        assertThat(chat(false).statusCode()).isEqualTo(429);
      }

      // Ten second tries are saved up, and each request earns a fifth of one.
      assertThat(control.received().size() + second.received().size())
          .isBetween(requests + 10, requests + 10 + requests / 5);
    }
  }

  @Test
  void shouldTellHowLongARequestWaitedForTheAttemptThatServedIt() {
    adopt(deadlines(command(10_000), 10_000, 400, 20_000, 60_000));
    candidate.does(Upstream.hang());

    assertThat(textOf(chat(false))).isEqualTo("from control");

    List<RequestEvent> events = evidence.events(2);
    assertThat(events.getFirst().getQueueMicros()).isBetween(0L, 390_000L);
    assertThat(events.getLast().getQueueMicros())
        .isGreaterThanOrEqualTo(events.getFirst().getMeasurement().getDurationMicros());
  }

  static Command deadlines(Command command, int connect, int firstByte, int idle, int total) {
    command.setDeadlines(new Deadlines(connect, firstByte, idle, total));
    return command;
  }

  /** Whether connections to it neither come about nor fail, once some wait that it never takes. */
  private static boolean fills(ServerSocket server, List<Socket> waiting) throws IOException {
    for (int i = 0; i < 16; i++) {
      Socket socket = new Socket();
      waiting.add(socket);
      try {
        socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 300);
      } catch (SocketTimeoutException e) {
        return true;
      }
    }
    return false;
  }

  private void trickle(HttpServerResponse response) {
    if (!response.closed()) {
      response.write(Upstream.CHUNK.formatted("on and on"));
      vertx.setTimer(50, next -> trickle(response));
    }
  }

  private void flood(HttpServerResponse response, String event) {
    if (response.closed()) {
      return;
    }
    response.drainHandler(null);
    for (int i = 0; i < 64 && !response.writeQueueFull(); i++) {
      response.write(event);
    }
    if (response.writeQueueFull()) {
      response.drainHandler(drained -> flood(response, event));
    } else {
      vertx.setTimer(1, next -> flood(response, event));
    }
  }
}
