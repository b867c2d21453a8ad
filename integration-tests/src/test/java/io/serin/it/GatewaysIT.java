package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The configurations of docs/gateways.md, as they stand there but for the ports. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class GatewaysIT {

  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final List<Process> processes = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Loop loop;
  private ScriptedModel model;
  @TempDir private Path folder;

  @BeforeEach
  void start() throws Exception {
    loop = Loop.shared();
    model = new ScriptedModel();
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    model.close();
    http.close();
  }

  @Test
  void shouldServeBehindNginx() throws Exception {
    String nginx = program("nginx");
    int port = freePort();
    Path config = folder.resolve("nginx.conf");
    // A system's nginx wants its own folders for bodies and logs: these are the test's.
    String here =
        """
        pid %1$s/pid; error_log %1$s/error.log;
        """
            .formatted(folder);
    String folders =
        """
        http {
          access_log off; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p;
          fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
        """
            .formatted(folder);
    Files.writeString(
        config, here + documented("nginx", port, routerPort()).replace("http {\n", folders));
    run(port, nginx, "-p", folder.toString(), "-c", config.toString(), "-g", "daemon off;");

    applyTo("behind-nginx");

    assertServed(port, "behind-nginx");
  }

  @Test
  void shouldServeBehindHaproxy() throws Exception {
    String haproxy = program("haproxy");
    int port = freePort();
    Path config = folder.resolve("haproxy.cfg");
    Files.writeString(config, documented("haproxy", port, routerPort()));
    run(port, haproxy, "-db", "-f", config.toString());

    applyTo("behind-haproxy");

    assertServed(port, "behind-haproxy");
  }

  @Test
  @EnabledIfSystemProperty(
      named = "serin.soak",
      matches = "true",
      disabledReason = "npm takes a minute to install the gateway: -Dserin.soak=true")
  void shouldCallPortkeysGatewayAsAVariant() throws Exception {
    Peers.needProgram("npm", "--version");
    Path home = Path.of("target", "portkey").toAbsolutePath();
    Node.install(Path.of("src", "test", "portkey"), home);
    int port = freePort();
    run(
        port,
        program("node"),
        home.resolve("node_modules/@portkey-ai/gateway/build/start-server.js").toString(),
        "--port=" + port,
        "--headless");
    String yaml =
        block("yaml")
            .replace("rollout: assistant", "rollout: before-portkey")
            .replace("http://127.0.0.1:8787", "http://127.0.0.1:" + port)
            .replace("http://127.0.0.1:8101/v1", model.url())
            .replace("http://127.0.0.1:8102/v1", model.url());
    apply(yaml, "before-portkey");

    // Half of the users go through the gateway: sixteen find it but once in 65 536 times.
    for (int user = 0; user < 16; user++) {
      assertThat(chat(routerPort(), "before-portkey", false, "user-" + user).body())
          .contains("Hello, world");
      assertThat(chat(routerPort(), "before-portkey", true, "user-" + user).body())
          .contains("world")
          .endsWith("data: [DONE]\n\n");
    }

    RequestEvent byGateway =
        Records.<RequestEvent>until(
                loop.stack().kafka(),
                Topics.REQUESTS,
                BOUND,
                event ->
                    event.getRollout().equals("before-portkey")
                        && event.getServedVariant().equals("candidate")
                        && event.getStreamed()
                        && event.getLast())
            .getLast();
    assertThat(byGateway.getClientOutcome()).isEqualTo(Outcome.OK);
    assertThat(byGateway.getMeasurement().getPromptTokens()).isEqualTo(7);
  }

  private void assertServed(int port, String rollout) throws Exception {
    HttpResponse<String> whole = chat(port, rollout, false, "ann");
    HttpResponse<String> streamed = chat(port, rollout, true, "ann");

    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).contains("Hello, world");
    assertThat(whole.headers().firstValue("x-request-id").orElse("")).startsWith("req_");
    assertThat(streamed.body()).contains("world").endsWith("data: [DONE]\n\n");
    assertThat(streamed.headers().firstValue("x-request-id").orElse("")).startsWith("req_");
    assertThat(model.received())
        .allSatisfy(
            received -> assertThat(received.headers().getFirst("traceparent")).isEqualTo(PARENT));
    assertLeavingIsNoticed(port, rollout);
  }

  /** Reads from a stream that never ends, piece by piece, then leaves: the model must notice. */
  private void assertLeavingIsNoticed(int port, String rollout) throws Exception {
    var answer =
        http.send(request(port, rollout, true, "ann", "endless"), BodyHandlers.ofInputStream());
    try (var body = answer.body()) {
      assertThat(new String(body.readNBytes(600), StandardCharsets.UTF_8)).contains("word ");
    }
    assertThat(model.sawCancel(10)).as("the model was told to stop").isTrue();
  }

  private HttpResponse<String> chat(int port, String rollout, boolean stream, String user)
      throws Exception {
    return http.send(request(port, rollout, stream, user, "hello"), BodyHandlers.ofString());
  }

  private static HttpRequest request(
      int port, String rollout, boolean stream, String user, String prompt) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
        .timeout(BOUND)
        .header("content-type", "application/json")
        .header("x-user-id", user)
        .header("traceparent", PARENT)
        .POST(
            BodyPublishers.ofString(
                "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                    .formatted(rollout, stream, prompt)))
        .build();
  }

  private void applyTo(String rollout) throws Exception {
    apply(
        """
        rollout: %s
        unit: [header:x-user-id]
        variants:
          control:   {url: %s}
          candidate: {url: %s}
        stages:
          - {weight: 50%%}
        """
            .formatted(rollout, model.url(), model.url()),
        rollout);
  }

  private void apply(String yaml, String rollout) throws Exception {
    HttpRequest.Builder applying =
        HttpRequest.newBuilder(loop.control("/v1/rollouts?restart=true"))
            .header("x-serin-who", "integration-test")
            .POST(BodyPublishers.ofString(yaml));
    HttpResponse<String> answer = loop.send(applying);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    HttpRequest.Builder known =
        HttpRequest.newBuilder(URI.create(loop.v1() + "/models/" + rollout)).GET();
    Loop.until("the router serves " + rollout, () -> loop.send(known).statusCode() == 200);
  }

  private int routerPort() {
    return loop.stack().routerUrls().getFirst().getPort();
  }

  /** The page's configuration for a program, on other ports. */
  private static String documented(String language, int listen, int router) throws IOException {
    return block(language)
        .replace("127.0.0.1:8000", "127.0.0.1:" + listen)
        .replace("127.0.0.1:8080", "127.0.0.1:" + router);
  }

  private static String block(String language) throws IOException {
    Matcher matcher =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("..", "docs", "gateways.md")));
    assertThat(matcher.find()).as("a block of " + language + " in docs/gateways.md").isTrue();
    return matcher.group(1);
  }

  private void run(int port, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out.log").toFile())
            .start();
    processes.add(process);
    Loop.until(
        command[0] + " listens",
        BOUND,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError(Files.readString(folder.resolve("out.log")));
          }
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
          }
        });
  }

  private static String program(String name) {
    List<String> folders = new ArrayList<>(List.of(System.getenv("PATH").split(":", -1)));
    folders.addAll(List.of("/usr/sbin", "/usr/local/sbin"));
    Optional<Path> found =
        folders.stream().map(each -> Path.of(each, name)).filter(Files::isExecutable).findFirst();
    Peers.need(found.isPresent(), name + " is not installed");
    return found.orElseThrow().toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
