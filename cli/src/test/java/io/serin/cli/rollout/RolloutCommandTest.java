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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
  private final Deque<Reply> replies = new ArrayDeque<>();
  private final Set<String> keys = new HashSet<>();
  private volatile @Nullable String authorization;

  /** An answer that is given once, before all others. */
  private record Reply(int status, String body) {}

  @BeforeEach
  void listen() throws IOException {
    listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private void listen(InetSocketAddress address) throws IOException {
    server = HttpServer.create(address, 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    authorization = exchange.getRequestHeaders().getFirst("authorization");
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
    String key = exchange.getRequestHeaders().getFirst("idempotency-key");
    if (key != null) {
      keys.add(key);
    }
    Reply next = replies.poll();
    Reply reply = next == null ? new Reply(status, answer) : next;
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(reply.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private int run(String... arguments) {
    return run(server.getAddress(), arguments);
  }

  private int run(InetSocketAddress control, String... arguments) {
    CommandLine line = new CommandLine(new RolloutCommand());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--control=http://127.0.0.1:" + control.getPort());
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
        """
        {"rollout":"a","state":"RUNNING","stage":1,"stageName":"25%","revision":9,
         "split":{"candidate":0.25,"control":0.75},"next":["in 90 min at the earliest: stage 50%"],
         "stages":[{"name":"5%","is":"over"},{"name":"25%","is":"current"},{"name":"50%","is":"ahead"}],
         "guards":[{"metric":"error.rate","candidate":"candidate","decision":"CONTINUE","logE":2.0,
                    "threshold":8.0,"text":"3 of 400 against 5 of 1200"}],
         "routers":[{"router":"router-1","live":true,"serves":true,"revision":9},
                    {"router":"router-2","live":true,"serves":false,"revision":8},
                    {"router":"router-3","live":false,"serves":false,"revision":8}]}\
        """
            .replace("\n", "");

    assertThat(run("get", "a")).isZero();
    assertThat(out.toString())
        .contains("RUNNING", "candidate 25%, control 75%", "in 90 min at the earliest: stage 50%")
        .contains("5% ✓ → [25%] → 50%")
        .contains("[#####---------------] 2.0 of 8.0", "3 of 400 against 5 of 1200")
        .containsPattern("router-1 +serves revision 9")
        .containsPattern("router-2 +BEHIND: revision 8, not 9")
        .containsPattern("router-3 +SILENT");
    out.getBuffer().setLength(0);
    assertThat(run("get", "a", "--json")).isZero();
    assertThat(out.toString()).startsWith("{\"rollout\":\"a\",\"state\":\"RUNNING\"");
  }

  @Test
  void shouldExplainAHistoryWithItsEvidence() {
    answer =
        """
        {"rollout":"a","entries":[
          {"at":"2026-11-02T08:00:00Z","what":"action","kind":"APPLY","text":"ann asks: apply","diff":"~ alpha: 0.01 → 0.05"},
          {"at":"2026-11-02T08:01:00Z","what":"event","kind":"ROLLED_BACK","text":"Rolled back: errors.",
           "evidence":[{"metric":"error.rate","candidate":"candidate","decision":"ROLLBACK","logE":8.5,
                        "threshold":8.0,"text":"40 of 400 against 5 of 1200"}]}]}
        """;

    assertThat(run("history", "a")).isZero();

    assertThat(out.toString())
        .contains("2026-11-02 08:00:00  ann asks: apply", "~ alpha: 0.01 → 0.05")
        .contains("2026-11-02 08:01:00  Rolled back: errors.")
        .contains("[####################] 8.5 of 8.0", "40 of 400 against 5 of 1200");
  }

  @Test
  void shouldSayByItsExitCodeHowAWaitEnded() {
    answer = rollout("PROMOTED", "100%");
    assertThat(run("wait", "a", "--for", "promoted")).isZero();
    assertThat(run("wait", "a", "--for", "stage=25%")).as("passed").isZero();
    answer = rollout("ROLLED_BACK", "25%");
    assertThat(run("wait", "a", "--for", "promoted")).isEqualTo(5);
    assertThat(err.toString()).contains("a will not be promoted");
    answer = rollout("RUNNING", "5%");
    assertThat(run("wait", "a", "--for", "stage=25%", "--timeout", "1s")).isEqualTo(4);
    assertThat(err.toString()).contains("a is not stage=25% after 1s");
    assertThat(run("wait", "a", "--for", "happiness")).isEqualTo(2);
    assertThat(run("wait", "a", "--for", "promoted", "--timeout", "soon")).isEqualTo(2);
  }

  private static String rollout(String state, String stage) {
    return "{\"rollout\":\"a\",\"state\":\"%s\",\"stageName\":\"%s\",\"revision\":9}"
        .formatted(state, stage);
  }

  @Test
  void shouldCompareAFileAndSaySoByItsExitCode() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    answer =
        "{\"rollout\":\"a\",\"run\":\"r\",\"changes\":[{\"field\":\"alpha\",\"before\":\"0.01\",\"after\":\"0.05\"}]}";

    assertThat(run("diff", file.toString())).isZero();
    assertThat(out.toString()).contains("~ alpha: 0.01 → 0.05");
    assertThat(run("diff", file.toString(), "--exit-code")).isEqualTo(5);
    answer = "{\"rollout\":\"a\",\"run\":\"r\",\"changes\":[]}";
    assertThat(run("diff", file.toString(), "--exit-code")).isZero();
  }

  @Test
  void shouldSendATokenFromAFile() throws Exception {
    Path token = Files.writeString(temp.resolve("token"), "0123456789abcdef\n");

    assertThat(run("list", "--token-file", token.toString())).isZero();

    assertThat(authorization).isEqualTo("Bearer 0123456789abcdef");
  }

  @Test
  void shouldWaitUntilEveryLiveRouterServesWhatItAppliedOrSayWhoDoesNot() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    answer = "{\"rollout\":\"a\",\"routers\":[{\"live\":true,\"serves\":true}]}";
    assertThat(run("apply", file.toString(), "--wait", "5s")).isZero();
    answer =
        "{\"rollout\":\"a\",\"routers\":[{\"live\":true,\"serves\":true},{\"live\":true,\"serves\":false}]}";
    assertThat(run("apply", file.toString(), "--wait", "1s")).isEqualTo(4);
  }

  @Test
  void shouldSayThatThereIsNoSuchRollout() {
    status = 404;

    assertThat(run("get", "a b")).isEqualTo(1);

    assertThat(asked.getFirst()).startsWith("GET /v1/rollouts/a%20b ");
    assertThat(err.toString()).contains("rollout \"a b\" not found");
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
  void shouldRollBackWithoutAReasonInTheNameOfTheSystemsUser() {
    status = 202;

    assertThat(run("rollback", "a")).isZero();

    assertThat(asked.getFirst())
        .endsWith(
            "{\"kind\":\"rollback\",\"who\":\"%s\"}".formatted(System.getProperty("user.name")));
  }

  @Test
  void shouldKeepWaitingWhileTheControlApiIsUnavailableAndTheAnswerIsPending() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    String pending = "{\"rollout\":\"a\",\"run\":\"r2\",\"outcome\":\"pending\"}";
    String done = "{\"rollout\":\"a\",\"run\":\"r2\",\"outcome\":\"done\",\"revision\":12}";
    String served = "\"routers\":[{\"live\":true,\"serves\":true}]}";
    replies.add(new Reply(503, "{}"));
    replies.add(new Reply(202, pending));
    replies.add(new Reply(202, done));
    replies.add(new Reply(404, "{}"));
    replies.add(new Reply(200, "{\"rollout\":\"a\",\"revision\":11," + served));
    replies.add(new Reply(200, "{\"rollout\":\"a\",\"revision\":12," + served));

    assertThat(run("apply", file.toString(), "--wait", "30s")).isZero();

    assertThat(replies).isEmpty();
    assertThat(keys).as("one change, however often it was sent").hasSize(1);
    assertThat(out.toString()).contains("run r2, revision 12, served by every router");
  }

  @Test
  void shouldFailWithTheReasonOfTheRouterThatRefusesAVariant() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    answer =
        """
        {"rollout":"a","state":"RUNNING","revision":3,"routers":[
          {"router":"r1","live":true,"serves":true,
           "refused":[{"variant":"candidate","reason":"SECRET is not set"}]}]}
        """;

    assertThat(run("apply", file.toString(), "--wait", "30s")).isEqualTo(1);

    assertThat(err.toString()).contains("r1 refuses a part of it: SECRET is not set");
  }

  @Test
  void shouldWaitThroughARestartOfAnalytics() {
    replies.add(new Reply(200, rollout("RUNNING", "5%")));
    replies.add(new Reply(503, "{}"));
    replies.add(new Reply(404, "{}"));
    replies.add(new Reply(200, rollout("PROMOTED", "100%")));

    assertThat(run("wait", "a", "--for", "promoted", "--timeout", "30s")).isZero();
  }

  @Test
  void shouldWaitForAnalyticsThatIsKilledAndComesBack() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    InetSocketAddress address = server.getAddress();
    server.stop(0);
    Thread back =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    Thread.sleep(500);
                    listen(address);
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    answer =
        "{\"rollout\":\"a\",\"run\":\"r2\",\"outcome\":\"done\",\"revision\":2,"
            + "\"routers\":[{\"live\":true,\"serves\":true}]}";

    assertThat(run(address, "apply", file.toString(), "--wait", "60s")).isZero();

    back.join();
    assertThat(err.toString()).contains("does not answer").contains("retrying");
  }

  @Test
  void shouldTakeAFileThatIsUnchangedForServed() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    replies.add(
        new Reply(
            202,
            "{\"rollout\":\"a\",\"run\":\"r2\",\"outcome\":\"unchanged\",\"revision\":4,\"changes\":[]}"));
    answer = "{\"rollout\":\"a\",\"revision\":4,\"routers\":[{\"live\":true,\"serves\":true}]}";

    assertThat(run("apply", file.toString(), "--wait", "30s")).isZero();

    assertThat(out.toString()).contains("rollout a is unchanged: run r2").contains("revision 4");
  }

  @Test
  void shouldStartOverOnlyWhereThatIsWanted() throws Exception {
    Path file = Files.writeString(temp.resolve("a.yaml"), "rollout: a\n");
    replies.add(
        new Reply(
            409,
            "{\"error\":{\"status\":409,\"message\":\"a is RUNNING in stage 25%: about 28% of"
                + " units would move; confirm with restart=true\"}}"));
    answer = "{\"rollout\":\"a\",\"run\":\"r3\",\"frozen\":true}";

    assertThat(run("apply", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("about 28% of units would move");
    assertThat(run("apply", file.toString(), "--restart")).isZero();

    assertThat(asked.getLast()).startsWith("POST /v1/rollouts?restart=true ");
    assertThat(out.toString()).contains("starts paused").contains("all rollouts are frozen");
  }

  @Test
  void shouldFreezeUnfreezeAndDelete() {
    status = 202;
    answer = "{\"kind\":\"pause\",\"rollouts\":[\"a\",\"b\"]}";
    assertThat(run("freeze-all", "--by", "ann", "--reason", "q4")).isZero();
    answer = "{\"kind\":\"resume\",\"rollouts\":[]}";
    assertThat(run("unfreeze-all", "--by", "ann")).isZero();
    answer = "{\"rollout\":\"a\",\"outcome\":\"deleted\"}";
    assertThat(run("delete", "a")).isZero();

    assertThat(asked)
        .containsExactly(
            "POST /v1/freeze who=ann reason=q4 ",
            "POST /v1/unfreeze who=ann reason=null ",
            "DELETE /v1/rollouts/a who=null reason=null ");
    assertThat(out.toString())
        .contains("all rollouts are frozen; paused: a, b")
        .contains("no longer frozen; resumed: none")
        .contains("a is deleted");
  }

  @Test
  void shouldSayInTheListWhoFrozeAll() {
    answer =
        "{\"rollouts\":[],\"frozen\":{\"who\":\"ann\",\"reason\":\"q4\",\"at\":\"2026-11-02T08:00:00Z\"}}";

    assertThat(run("list")).isZero();

    assertThat(out.toString())
        .contains("all rollouts are frozen by ann since 2026-11-02 08:00:00: q4")
        .contains("unfreeze-all");
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
