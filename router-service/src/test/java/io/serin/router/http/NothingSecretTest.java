package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What operators see of traffic, with every log at its most talkative: nothing that a client or a
 * model said, and no key.
 */
class NothingSecretTest extends RouterTestBase {

  private static final List<String> SECRETS =
      List.of(
          "prompt-7731",
          "answer-7731",
          "user-7731",
          "sk-client-7731",
          "candidate-secret",
          "cookie-7731",
          "query-7731",
          "body-7731",
          "label-7731");

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        100,
        0,
        true,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
  }

  @Test
  void shouldPutNoKeyPromptOrAnswerIntoLogsAndMetrics() {
    List<String> lines;
    String metrics;
    try (Appended log = Appended.toAll()) {
      traffic();
      metrics = get(router.adminUrl() + "/metrics").body();
      // What this test's own clients log is theirs.
      lines = log.lines().stream().filter(line -> !line.startsWith("jdk.")).toList();
    }

    assertThat(metrics).contains("gen_ai_").doesNotContain(SECRETS);
    assertThat(lines)
        .as("that there are logs at all")
        .anySatisfy(line -> assertThat(line).contains("attempt ended"))
        .noneSatisfy(line -> assertThat(SECRETS.stream().filter(line::contains)).isNotEmpty());
  }

  private void traffic() {
    Command command = command(10_000);
    command.getVariants().get(1).setCredential("env:CANDIDATE_KEY");
    adopt(command);
    List<Upstream.Behaviour> behaviours =
        List.of(
            Upstream.text("answer-7731"),
            Upstream.json(500, "{\"error\":{\"message\":\"answer-7731\"}}"),
            Upstream.json(401, "{\"error\":{\"message\":\"no key answer-7731\"}}"),
            Upstream.plain(200, "<html>answer-7731</html>"),
            Upstream.drop());
    control.does(Upstream.text("answer-7731"));
    for (Upstream.Behaviour behaviour : behaviours) {
      candidate.does(behaviour);
      ask(CHAT, talk(false));
    }
    control.does(Upstream.stream("answer-7731"));
    candidate.does(Upstream.stream("answer-7731"));
    ask(CHAT, talk(true));
    candidate.does(Upstream.cutAfter(Upstream.CHUNK.formatted("answer-7731")));
    Raw.answer(router, CHAT, talk(true), "authorization", "Bearer sk-client-7731");
    candidate.does(Upstream.events("data: {\"error\":{\"message\":\"answer-7731\"}}\n\n"));
    ask(CHAT, talk(true));
    ask("/v1/files?name=query-7731", "body-7731");
    ask("/v1/%2e%2e/query-7731", "body-7731");
    ask(CHAT, "{\"model\":\"assistant\",\"body-7731");
    ask(CHAT, "{\"model\":\"assistant\",\"messages\":\"body-7731\",\"stream\":\"body-7731\"}");
    ask(CHAT, "{\"model\":\"assistant\",\"x\":\"" + "body-7731 ".repeat(200_000) + "\"}");
    ask(
        "/v1/feedback",
        "{\"request_id\":\"body-7731\",\"kind\":\"label\",\"label\":\"label-7731\"}");
    evidence.events(8);
  }

  private static String talk(boolean stream) {
    return body(stream).replace("\"ann\"", "\"user-7731\"").replace("\"hi\"", "\"prompt-7731\"");
  }

  private void ask(String path, String body) {
    post(
        path + (path.contains("?") ? "&" : "?") + "key=query-7731",
        body,
        "authorization",
        "Bearer sk-client-7731",
        "api-key",
        "sk-client-7731",
        "cookie",
        "session=cookie-7731",
        "x-user-id",
        "user-7731");
  }
}
