package io.serin.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands against a control API that answers what a test tells it to. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class RolloutCommandTest {

  @TempDir Path temp;

  private final List<String> asked = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer server;
  private int status = 200;
  private String answer = "{}";

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " who="
            + exchange.getRequestHeaders().getFirst("x-serin-who")
            + " reason="
            + exchange.getRequestHeaders().getFirst("x-serin-reason")
            + " "
            + body);
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private int run(String... arguments) {
    CommandLine line = new CommandLine(new RolloutCommand());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--control=http://127.0.0.1:" + server.getAddress().getPort());
    return line.execute(all.toArray(String[]::new));
  }

  @Test
  void shouldApplyAFileWithWhoAndWhy() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    status = 202;
    answer = "{\"rollout\":\"a\",\"run\":\"r1\"}";

    assertThat(run("apply", file.toString(), "--by", "ann", "--reason", "5 % first")).isZero();

    assertThat(asked).containsExactly("POST /v1/rollouts who=ann reason=5 % first rollout: a\n");
    assertThat(out.toString()).contains("rollout a applied: run r1");
  }

  @Test
  void shouldSayWhichLineOfTheFileIsWrong() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    status = 400;
    answer = "{\"error\":{\"message\":\"must be at most 100%\",\"field\":\"weight\",\"line\":7}}";

    assertThat(run("apply", file.toString())).isEqualTo(1);

    assertThat(err.toString()).contains("line 7: weight: must be at most 100%");
  }

  @Test
  void shouldNameTheFileThatCannotBeRead() {
    assertThat(run("apply", temp.resolve("none.yaml").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("none.yaml").contains("must be a text file");
  }

  @Test
  void shouldShowARolloutForPeopleAndForPrograms() {
    answer =
        "{\"rollout\":\"a\",\"split\":{\"control\":0.75},\"guards\":[{\"metric\":\"error.rate\"}]}";

    assertThat(run("get", "a")).isZero();
    assertThat(out.toString())
        .contains("rollout: a")
        .contains("  control: 0.75")
        .contains("  - metric: error.rate");
    assertThat(run("get", "a", "--json")).isZero();
    assertThat(out.toString()).contains(answer);
  }

  @Test
  void shouldSayThatThereIsNoSuchRollout() {
    status = 404;

    assertThat(run("get", "a b")).isEqualTo(1);

    assertThat(asked.getFirst()).startsWith("GET /v1/rollouts/a%20b ");
    assertThat(err.toString()).contains("there is no rollout \"a b\"");
  }

  @Test
  void shouldAskForARollback() {
    status = 202;

    assertThat(run("rollback", "a", "--by", "ann", "--reason", "complaints")).isZero();

    assertThat(asked.getFirst())
        .startsWith("POST /v1/rollouts/a/actions")
        .endsWith("{\"kind\":\"rollback\",\"who\":\"ann\",\"reason\":\"complaints\"}");
  }

  @Test
  void shouldWantAReasonForARollback() {
    assertThat(run("rollback", "a")).isEqualTo(2);
    assertThat(asked).isEmpty();
  }

  @Test
  void shouldSayThatNothingAnswers() throws IOException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    CommandLine line = new CommandLine(new RolloutCommand()).setErr(new PrintWriter(err, true));

    assertThat(line.execute("list", "--control=http://127.0.0.1:" + nobody)).isEqualTo(3);

    assertThat(err.toString()).contains("does not answer").contains("--control");
  }
}
