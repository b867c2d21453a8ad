package io.serin.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.cli.control.ControlClient;
import io.serin.cli.stack.supervise.StackException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code serin up} does with a rollout file, against a control API that a test scripts. */
class StartRolloutsTest {
  private static final String NEW = "{\"rollout\":\"a\",\"run\":null,\"changes\":[]}";
  private static final String SERVED =
      "{\"rollout\":\"a\",\"revision\":1,\"routers\":[{\"live\":true,\"serves\":true}]}";

  private record Reply(int status, String body) {}

  private final HttpServer server;
  private final Deque<Reply> replies = new ArrayDeque<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> said = new ArrayList<>();
  private Reply last = new Reply(200, SERVED);

  StartRolloutsTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void listen() {
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    Reply next = replies.poll();
    Reply reply = next == null ? last : next;
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(reply.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private boolean apply(Duration most, boolean restart) throws Exception {
    ControlClient client =
        new ControlClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    return StartRollouts.apply(
        new StartRollouts.Target(client, 1, most), "rollout: a\n", restart, said::add);
  }

  @Test
  void shouldWaitWhileTheApiReadsItsTopicsAndTheAnswerIsPending() throws Exception {
    replies.add(new Reply(503, "{}"));
    replies.add(new Reply(200, NEW));
    replies.add(new Reply(503, "{}"));
    replies.add(new Reply(202, "{\"rollout\":\"a\",\"outcome\":\"pending\"}"));
    replies.add(new Reply(202, "{\"rollout\":\"a\",\"outcome\":\"done\",\"revision\":1}"));

    assertThat(apply(Duration.ofSeconds(60), false)).isTrue();

    assertThat(replies).isEmpty();
    assertThat(said.getLast()).isEqualTo("rollout a applied, served by every router");
  }

  @Test
  void shouldStopNothingWhereTheAnswerIsStillPendingInTheEnd() throws Exception {
    replies.add(new Reply(200, NEW));
    last = new Reply(202, "{\"rollout\":\"a\",\"outcome\":\"pending\"}");

    assertThat(apply(Duration.ofMillis(500), false)).isTrue();

    assertThat(said.getLast()).contains("is accepted").contains("serin rollout get a");
  }

  @Test
  void shouldLeaveARunThatHasNotEnded() throws Exception {
    replies.add(
        new Reply(
            200,
            "{\"rollout\":\"a\",\"run\":\"r\",\"changes\":[{\"field\":\"alpha\"}],"
                + "\"effect\":\"a is RUNNING: about 28% of units would move\"}"));

    assertThat(apply(Duration.ofSeconds(60), false)).isFalse();

    assertThat(asked).containsExactly("POST /v1/diff");
    assertThat(said.getLast()).contains("about 28% of units would move").contains("--restart");
  }

  @Test
  void shouldFailWithTheReasonOfARouterThatCannotServeIt() {
    replies.add(new Reply(200, NEW));
    replies.add(new Reply(202, "{\"rollout\":\"a\",\"outcome\":\"done\",\"revision\":1}"));
    last =
        new Reply(
            200,
            "{\"rollout\":\"a\",\"state\":\"RUNNING\",\"revision\":1,\"routers\":[{\"router\":\"r1\",\"live\":true,\"serves\":true,\"refused\":[{\"reason\":\"KEY"
                + " is not set\"}]}]}");

    assertThatThrownBy(() -> apply(Duration.ofSeconds(60), false))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("r1 refuses a part of it: KEY is not set");
  }
}
