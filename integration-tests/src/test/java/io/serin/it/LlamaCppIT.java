package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.topics.Topics;
import java.io.InputStream;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * llama.cpp's own server behind every variant, with the configuration of docs/gateways.md as it
 * stands there but for the ports. Skipped unless a server and a model are named: see {@link
 * LlamaServer}. Any model that chats will do.
 */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class LlamaCppIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration BOUND = Duration.ofMinutes(1);
  private static final String ROLLOUT = "local";
  private static final int MAX_TOKENS = 12;

  @TempDir private static Path folder;
  private static final List<LlamaServer> servers = new ArrayList<>();
  private static final Map<String, RequestEvent> events = new HashMap<>();
  private static Loop loop;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    LlamaServer.needNamed();
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    loop = Loop.shared();
    for (int i = 0; i < 3; i++) {
      servers.add(LlamaServer.start(folder, block("sh")));
    }
    for (LlamaServer server : servers) {
      server.ready();
    }
    apply(documented(servers), ROLLOUT);
  }

  @AfterAll
  static void stop() {
    servers.forEach(LlamaServer::close);
    if (http != null) {
      http.close();
    }
  }

  @Test
  void shouldKnowTokensOfWholeAnswersAndWhatTheCacheHeld() throws Exception {
    String prompt = "Tell me of " + System.nanoTime() + " " + "words ".repeat(40);

    HttpResponse<String> first = chat("ann", prompt, body -> {});
    HttpResponse<String> again = chat("ann", prompt, body -> {});

    for (HttpResponse<String> answer : List.of(first, again)) {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode usage = JSON.readTree(answer.body()).path("usage");
      Measurement measured = measured(answer, Outcome.OK);
      assertThat(measured.getPromptTokens()).isEqualTo(usage.path("prompt_tokens").asLong());
      assertThat(measured.getCompletionTokens())
          .isEqualTo(usage.path("completion_tokens").asLong())
          .isEqualTo(MAX_TOKENS);
      assertThat(measured.getCachedTokens())
          .isEqualTo(usage.path("prompt_tokens_details").path("cached_tokens").asLong())
          .isEqualTo(JSON.readTree(answer.body()).path("timings").path("cache_n").asLong());
      assertThat(measured.getFinishReason()).isEqualTo("length");
    }
    assertThat(measured(again, Outcome.OK).getCachedTokens())
        .as("the second went to the same server, whose cache held its prompt")
        .isGreaterThan(40);
  }

  @Test
  void shouldKnowTokensOfStreamsAndHideThatItAsked() throws Exception {
    More streamed = body -> body.put("stream", true);
    More withUsage =
        body -> body.put("stream", true).putObject("stream_options").put("include_usage", true);
    List<HttpResponse<String>> answers = new ArrayList<>();
    for (int user = 0; user < 16; user++) {
      HttpResponse<String> plain = chat("user-" + user, "Hello " + user, streamed);
      HttpResponse<String> asked = chat("user-" + user, "Hello " + user, withUsage);
      assertThat(plain.statusCode()).as(plain.body()).isEqualTo(200);
      assertThat(plain.body())
          .contains("\"finish_reason\":\"length\"")
          .endsWith("data: [DONE]\n\n")
          .doesNotContain("\"usage\"", "\"choices\":[]");
      assertThat(asked.body()).contains("\"usage\"").endsWith("data: [DONE]\n\n");
      answers.add(plain);
      answers.add(asked);
    }

    Set<String> variants = new HashSet<>();
    for (HttpResponse<String> answer : answers.reversed()) {
      Measurement measured = measured(answer, Outcome.OK);
      assertThat(measured.getCompletionTokens()).isEqualTo(MAX_TOKENS);
      assertThat(measured.getPromptTokens()).isPositive();
      assertThat(measured.getCachedTokens()).isNotNull();
      assertThat(measured.getTtftMicros()).isPositive();
      assertThat(measured.getFinishReason()).isEqualTo("length");
      variants.add(event(id(answer)).getServedVariant());
    }
    // But once in 32 768 times sixteen users are not all of one variant.
    assertThat(variants).containsExactlyInAnyOrder("control", "candidate");
  }

  @Test
  void shouldFreeTheSlotOfAClientThatLeaves() throws Exception {
    int context = servers.getFirst().contextTokens();
    HttpRequest endless =
        request(
            "leaver",
            "Count to a million.",
            body -> {
              body.put("stream", true).put("ignore_eos", true);
              body.put("max_tokens", context - 1_000);
            });
    double before = predicted();
    HttpResponse<InputStream> answer = http.send(endless, BodyHandlers.ofInputStream());
    try (var body = answer.body()) {
      assertThat(new String(body.readNBytes(2_000), StandardCharsets.UTF_8)).contains("data: ");
      assertThat(busySlots()).as("it is at work when the client leaves").isEqualTo(1);
    }

    Loop.until("its slot is free", Duration.ofSeconds(20), () -> busySlots() == 0);

    assertThat(predicted() - before).as("it stopped early").isLessThan(context - 1_000);
    RequestEvent event = event(id(answer));
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(event.getMeasurement().getCompletionTokens()).isPositive();
  }

  @Test
  void shouldPassItsErrorsOnAsTheyAre() throws Exception {
    String tooLong = "word ".repeat(servers.getFirst().contextTokens() + 10);

    HttpResponse<String> refused = chat("ann", tooLong, body -> {});

    HttpResponse<String> direct =
        servers.getFirst().post("/v1/chat/completions", chatBody(tooLong, body -> {}).toString());
    assertThat(refused.statusCode()).isEqualTo(400).isEqualTo(direct.statusCode());
    assertThat(refused.body()).isEqualTo(direct.body());
    assertThat(JSON.readTree(refused.body()).path("error").path("type").asText())
        .isEqualTo("exceed_context_size_error");
    assertThat(measured(refused, Outcome.HTTP_ERROR).getStatus()).isEqualTo(400);
  }

  @Test
  void shouldSpeakItsOtherEndpoints() throws Exception {
    HttpResponse<String> completion =
        post("completions", "{\"model\":\"local\",\"prompt\":\"Hello\",\"max_tokens\":12}");
    HttpResponse<String> response =
        post("responses", "{\"model\":\"local\",\"input\":\"Hello\",\"max_output_tokens\":12}");
    HttpResponse<String> message =
        post(
            "messages",
            "{\"model\":\"local\",\"max_tokens\":12,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");

    for (HttpResponse<String> answer : List.of(completion, response, message)) {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      Measurement measured = measured(answer, Outcome.OK);
      assertThat(measured.getPromptTokens()).isPositive();
      assertThat(measured.getCompletionTokens()).isBetween(1L, (long) MAX_TOKENS);
      assertThat(measured.getCachedTokens()).isNotNull();
    }
    assertThat(message.body()).contains("event: message_stop");
  }

  @Test
  void shouldOutliveConnectionsThatTheServerCloses() throws Exception {
    // It closes each connection after a hundred answers.
    for (int i = 0; i < 250; i++) {
      HttpResponse<String> answer = chat("ann", "Hi", body -> body.put("max_tokens", 1));
      assertThat(answer.statusCode()).as("answer %s: %s", i, answer.body()).isEqualTo(200);
    }
  }

  @Test
  void shouldTakeEmbeddingsFromAServerStartedForThem() throws Exception {
    try (LlamaServer server =
        LlamaServer.start(folder, block("sh").strip() + " --embeddings --pooling mean").ready()) {
      apply(
          """
          rollout: local-vectors
          unit: [header:x-user-id]
          variants:
            control: {url: %1$s/v1, healthPath: /health}
            candidate: {url: %1$s/v1, healthPath: /health}
          stages:
            - {weight: 50%%}
          """
              .formatted(server.url()),
          "local-vectors");

      HttpResponse<String> answer =
          post("embeddings", "{\"model\":\"local-vectors\",\"input\":[\"Hello\",\"world\"]}");

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(JSON.readTree(answer.body()).path("data")).hasSize(2);
      assertThat(measured(answer, Outcome.OK).getPromptTokens()).isPositive();
    }
  }

  @Test
  void shouldLeaveAServerAloneThatLoadsItsModel() throws Exception {
    More at = body -> body.put("model", "local-loading");
    try (LlamaServer loading = LlamaServer.start(folder, block("sh"))) {
      try (var slowly = loading.slowly()) {
        Loop.until("it listens", () -> loading.get("/health").body().contains("Loading model"));
        apply(
            documented(List.of(servers.get(0), loading, servers.get(2)))
                .replace("rollout: local", "rollout: local-loading"),
            "local-loading");
        // Half of the prompts are the loading server's.
        int[] asked = {0};
        Loop.until(
            "its health path took it out",
            () -> {
              int i = asked[0]++;
              HttpResponse<String> answer = chat("user-" + i, "Prompt " + i, at);
              assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
              return isOut("local-loading", loading);
            });
        for (int i = 0; i < 20; i++) {
          assertThat(chat("user-" + i, "More " + i, at).statusCode()).isEqualTo(200);
        }
        assertThat(isOut("local-loading", loading)).as("though nobody asks it").isTrue();
        assertThat(loading.get("/health").statusCode()).as("it still loads").isEqualTo(503);
      }
      loading.ready();
      int[] prompts = {0};
      Loop.until(
          "it is asked once it has loaded",
          () -> {
            int i = prompts[0]++;
            assertThat(chat("user-" + i, "Again " + i, at).statusCode()).isEqualTo(200);
            return loading.metric("tokens_predicted_total") > 0;
          });
    }
  }

  /** Whether the router says that it calls a server no more. */
  private static boolean isOut(String rollout, LlamaServer server) throws Exception {
    return loop.send(
            HttpRequest.newBuilder(loop.stack().routerAdminUrls().getFirst().resolve("/metrics")))
        .body()
        .lines()
        .anyMatch(
            line ->
                line.startsWith("serin_router_server_available{")
                    && line.contains('"' + rollout + '"')
                    && line.contains(server.url())
                    && line.endsWith(" 0.0"));
  }

  private static double predicted() throws Exception {
    double all = 0;
    for (LlamaServer server : servers) {
      all += server.metric("tokens_predicted_total");
    }
    return all;
  }

  private static long busySlots() throws Exception {
    long busy = 0;
    for (LlamaServer server : servers) {
      busy += server.busySlots();
    }
    return busy;
  }

  private static Measurement measured(HttpResponse<String> answer, Outcome outcome) {
    RequestEvent event = event(id(answer));
    assertThat(event.getClientOutcome()).isEqualTo(outcome);
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(outcome);
    return event.getMeasurement();
  }

  private static String id(HttpResponse<?> answer) {
    return answer.headers().firstValue("x-request-id").orElseThrow();
  }

  private static RequestEvent event(String requestId) {
    RequestEvent known = events.get(requestId);
    if (known == null) {
      for (RequestEvent event :
          Records.<RequestEvent>until(
              loop.stack().kafka(),
              Topics.REQUESTS,
              BOUND,
              event -> event.getLast() && event.getRequestId().equals(requestId))) {
        if (event.getLast()) {
          events.put(event.getRequestId(), event);
        }
      }
      known = Objects.requireNonNull(events.get(requestId));
    }
    return known;
  }

  /** What a request asks for besides. */
  private interface More {
    void of(ObjectNode body);
  }

  private static HttpResponse<String> chat(String user, String prompt, More more) throws Exception {
    return http.send(request(user, prompt, more), BodyHandlers.ofString());
  }

  private static HttpRequest request(String user, String prompt, More more) {
    return toRouter("chat/completions", user, chatBody(prompt, more).toString());
  }

  private static ObjectNode chatBody(String prompt, More more) {
    ObjectNode body = JSON.createObjectNode().put("model", ROLLOUT).put("max_tokens", MAX_TOKENS);
    body.put("temperature", 0).put("ignore_eos", true);
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    more.of(body);
    return body;
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(toRouter(path, "ann", body), BodyHandlers.ofString());
  }

  private static HttpRequest toRouter(String path, String user, String body) {
    return HttpRequest.newBuilder(URI.create(loop.v1() + "/" + path))
        .timeout(BOUND)
        .header("content-type", "application/json")
        .header("x-user-id", user)
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private static void apply(String yaml, String rollout) throws Exception {
    HttpResponse<String> answer =
        loop.send(
            HttpRequest.newBuilder(loop.control("/v1/rollouts?restart=true"))
                .header("x-serin-who", "integration-test")
                .POST(BodyPublishers.ofString(yaml)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    Loop.until(
        "the router serves " + rollout,
        () ->
            loop.send(HttpRequest.newBuilder(URI.create(loop.v1() + "/models/" + rollout)))
                    .statusCode()
                == 200);
  }

  /** The page's rollout file, on the ports of these servers. */
  private static String documented(List<LlamaServer> on) throws Exception {
    String yaml = block("yaml");
    for (int i = 0; i < on.size(); i++) {
      String port = "http://127.0.0.1:820" + (i + 1);
      assertThat(yaml).contains(port);
      yaml = yaml.replace(port, on.get(i).url());
    }
    return yaml;
  }

  private static String block(String language) throws Exception {
    String page = Files.readString(Path.of("..", "docs", "gateways.md"));
    Matcher matcher =
        Pattern.compile("## llama\\.cpp.*?```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(page);
    assertThat(matcher.find()).as("a block of " + language + " on llama.cpp's server").isTrue();
    return Objects.requireNonNull(matcher.group(1));
  }
}
