package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseIncludable;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseOutputItem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agents that think and call tools, with the official clients unmodified: their conversations go on
 * over a ramp, a router's death and a rollback. The models refuse what is not theirs.
 */
class AgentsIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLLOUT = "agents";
  private static final int AGENTS = 12;

  /** Every agent has a turn; gives the model that answered each. */
  @FunctionalInterface
  private interface Round {
    List<String> play(String question) throws Exception;
  }

  @Test
  void shouldKeepAgentsOfOpenAisJavaClientGoing(@TempDir Path data) throws Exception {
    shouldKeepGoing(
        data,
        loop -> {
          List<OpenAiAgent> agents = new ArrayList<>();
          for (int i = 0; i < AGENTS; i++) {
            agents.add(new OpenAiAgent(loop.v1(), "openai-" + i));
          }
          return question -> agents.stream().map(agent -> agent.ask(question)).toList();
        });
  }

  @Test
  void shouldKeepAgentsOfAnthropicsNodeClientGoing(@TempDir Path data) throws Exception {
    Node.assumeInstalled();
    shouldKeepGoing(
        data,
        loop -> {
          // The client adds /v1 itself.
          Process node =
              Node.start(
                  "anthropic-agents.mjs",
                  loop.v1().replace("/v1", ""),
                  ROLLOUT,
                  Integer.toString(AGENTS));
          Writer questions = node.outputWriter(StandardCharsets.UTF_8);
          BufferedReader answers = node.inputReader(StandardCharsets.UTF_8);
          return question -> {
            questions.write(question + "\n");
            questions.flush();
            JsonNode got = JSON.readTree(String.valueOf(answers.readLine()));
            assertThat(got.path("errors")).as(question).isEmpty();
            List<String> texts = new ArrayList<>();
            got.path("answers").forEach(text -> texts.add(text.asText()));
            return texts;
          };
        });
  }

  @FunctionalInterface
  private interface Agents {
    Round at(Loop loop) throws IOException;
  }

  private static void shouldKeepGoing(Path data, Agents clients) throws Exception {
    try (ThinkingServer old = new ThinkingServer("old");
        ThinkingServer young = new ThinkingServer("young");
        Loop loop = Loop.start(data, builder -> builder)) {
      apply(loop, old, young);
      Round early = clients.at(loop);
      List<String> before = early.play("one");

      act(loop, "promote");
      Loop.until("the candidate has half", () -> weight(loop) == 0.5);
      assertThat(early.play("after the ramp")).as("thoughts stay").isEqualTo(before);
      Round late = clients.at(loop);
      List<String> since = late.play("hello");
      assertThat(since).contains("young");

      String router =
          loop.stack().processes().stream()
              .map(process -> process.name())
              .filter(name -> name.startsWith("router"))
              .findFirst()
              .orElseThrow();
      loop.stack().kill(router);
      assertThat(loop.stack().awaitAnswering(router, Duration.ofSeconds(60))).isTrue();
      awaitServing(loop);
      assertThat(early.play("after the restart")).isEqualTo(before);
      assertThat(late.play("after the restart")).isEqualTo(since);

      act(loop, "rollback");
      Loop.until("the candidate is out", () -> weight(loop) == 0);
      Loop.until("no router sends it anything", () -> quiet(young));
      assertThat(early.play("after the rollback")).containsOnly("old");
      assertThat(late.play("after the rollback")).containsOnly("old");
      assertThat(late.play("and on")).containsOnly("old");

      assertThat(old.refused()).isEmpty();
      assertThat(young.refused()).isEmpty();
    }
  }

  /** Whether its count of answers stays for as long as a router takes to obey. */
  private static boolean quiet(ThinkingServer server) throws InterruptedException {
    int answers = server.answers();
    Thread.sleep(1_500);
    return server.answers() == answers;
  }

  private static void apply(Loop loop, ThinkingServer old, ThinkingServer young) throws Exception {
    String yaml =
        """
        rollout: %s
        unit: [header:x-user-id]
        variants:
          control:   {url: %s}
          candidate: {url: %s}
        stages:
          - {weight: 1%%}
          - {weight: 50%%}
        """
            .formatted(ROLLOUT, old.url(), young.url());
    HttpResponse<String> applied =
        loop.send(
            HttpRequest.newBuilder(loop.control("/v1/rollouts"))
                .header("x-serin-who", "integration-test")
                .POST(BodyPublishers.ofString(yaml)));
    assertThat(applied.statusCode()).as(applied.body()).isEqualTo(202);
    awaitServing(loop);
  }

  private static void awaitServing(Loop loop) throws Exception {
    HttpRequest.Builder known =
        HttpRequest.newBuilder(URI.create(loop.v1() + "/models/" + ROLLOUT)).GET();
    Loop.until("the router serves it", () -> loop.send(known).statusCode() == 200);
  }

  private static void act(Loop loop, String kind) throws Exception {
    HttpResponse<String> answer =
        loop.send(
            HttpRequest.newBuilder(loop.control("/v1/rollouts/" + ROLLOUT + "/actions"))
                .header("x-serin-who", "integration-test")
                .POST(
                    BodyPublishers.ofString("{\"kind\":\"" + kind + "\",\"reason\":\"a test\"}")));
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
  }

  /** Share of the candidate by the newest command. */
  private static double weight(Loop loop) throws Exception {
    JsonNode shown =
        JSON.readTree(
            loop.send(HttpRequest.newBuilder(loop.control("/v1/rollouts/" + ROLLOUT))).body());
    return shown.path("split").path("candidate").asDouble(-1);
  }

  /**
   * An agent as OpenAI's documentation has it: reasoning comes back encrypted, nothing is stored.
   */
  private static final class OpenAiAgent {
    private final OpenAIClient client;
    private final String user;
    private final List<ResponseInputItem> said = new ArrayList<>();

    OpenAiAgent(String url, String user) {
      this.client =
          OpenAIOkHttpClient.builder().baseUrl(url).apiKey("sk-test").maxRetries(0).build();
      this.user = user;
    }

    String ask(String question) {
      said.add(
          ResponseInputItem.ofEasyInputMessage(
              EasyInputMessage.builder()
                  .role(EasyInputMessage.Role.USER)
                  .content(question)
                  .build()));
      while (true) {
        Response answer =
            client
                .responses()
                .create(
                    ResponseCreateParams.builder()
                        .model(ROLLOUT)
                        .store(false)
                        .addInclude(ResponseIncludable.REASONING_ENCRYPTED_CONTENT)
                        .addTool(tool())
                        .inputOfResponse(List.copyOf(said))
                        .putAdditionalHeader("x-user-id", user)
                        .build());
        List<ResponseFunctionToolCall> calls = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        answer.output().forEach(item -> keep(item, calls::add, texts::add));
        if (calls.isEmpty()) {
          return texts.getLast();
        }
        for (ResponseFunctionToolCall call : calls) {
          said.add(
              ResponseInputItem.ofFunctionCallOutput(
                  ResponseInputItem.FunctionCallOutput.builder()
                      .callId(call.callId())
                      .output("7")
                      .build()));
        }
      }
    }

    private void keep(
        ResponseOutputItem item, Consumer<ResponseFunctionToolCall> calls, Consumer<String> texts) {
      item.reasoning().ifPresent(it -> said.add(ResponseInputItem.ofReasoning(it)));
      item.functionCall()
          .ifPresent(
              it -> {
                said.add(ResponseInputItem.ofFunctionCall(it));
                calls.accept(it);
              });
      item.message()
          .ifPresent(
              it -> {
                said.add(ResponseInputItem.ofResponseOutputMessage(it));
                texts.accept(it.content().getFirst().asOutputText().text());
              });
    }

    private static FunctionTool tool() {
      return FunctionTool.builder()
          .name("look")
          .strict(false)
          .parameters(
              FunctionTool.Parameters.builder()
                  .putAdditionalProperty("type", JsonValue.from("object"))
                  .build())
          .build();
    }
  }
}
