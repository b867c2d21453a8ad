package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Command;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers that public projects met in production, once from the candidate and once from control.
 */
class FieldAnswersTest extends RouterTestBase {

  private static final int FIRST_BYTE = 700;

  @ParameterizedTest
  @CsvSource({"true, false", "false, false", "true, true", "false, true"})
  void shouldTimeOutOnAnAnswerThatOnlyDrips(boolean atCandidate, boolean whitespace) {
    Upstream.Behaviour drip =
        request -> {
          HttpServerResponse response =
              request.response().putHeader("content-type", "application/json").setChunked(true);
          response.write(whitespace ? "\n" : "{");
          vertx.setPeriodic(100, each -> write(request, whitespace ? " " : "\""));
        };
    (atCandidate ? candidate : control).does(drip);
    adoptImpatiently(atCandidate ? 10_000 : 0);

    long begun = System.nanoTime();
    HttpResponse<String> response = chat(false);

    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(FIRST_BYTE * 1_000_000L);
    assertThat(response.statusCode()).isEqualTo(atCandidate ? 200 : 504);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.TIMEOUT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldPassReasoningAsItComesAndWaitForNoOtherContent(boolean atCandidate) {
    String reasoning =
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
            + "\"delta\":{\"reasoning\":\"step\"},\"finish_reason\":null}]}\n\n";
    (atCandidate ? candidate : control)
        .does(
            request -> {
              HttpServerResponse response = Upstream.sse(request);
              response.write(Upstream.ROLE);
              for (int i = 0; i < 10; i++) {
                vertx.setTimer(1 + 200L * i, step -> response.write(reasoning));
              }
              vertx.setTimer(
                  2_100,
                  end ->
                      response.end(
                          Upstream.CHUNK.formatted("hello") + Upstream.STOP + Upstream.DONE));
            });
    adoptImpatiently(atCandidate ? 10_000 : 0);

    HttpResponse<String> response = chat(true);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("step", "hello", "[DONE]");
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(event.getMeasurement().getTtftMicros()).isLessThan(700_000L);
    assertThat(event.getServedVariant()).isEqualTo(atCandidate ? "candidate" : "control");
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 0})
  void shouldKeepTheTimesOfReasoningAndOfWhatAUserSeesApart(int slots) {
    String chunk =
        "data: {\"model\":\"m-2\",\"system_fingerprint\":\"fp_7\",\"choices\":[{\"index\":0,"
            + "\"delta\":{\"%s\":\"step\"},\"finish_reason\":null}]}\n\n";
    Upstream.Behaviour thinks =
        request -> {
          HttpServerResponse response = Upstream.sse(request);
          response.write(chunk.formatted("reasoning_content"));
          vertx.setTimer(
              300,
              late -> response.end(chunk.formatted("content") + Upstream.STOP + Upstream.DONE));
        };
    candidate.does(thinks);
    control.does(thinks);
    split(slots);

    chat(true);

    Measurement cost = evidence.events(1).getFirst().getMeasurement();
    assertThat(cost.getReasoningTtftMicros()).isEqualTo(cost.getTtftMicros());
    assertThat(cost.getVisibleTtftMicros() - cost.getReasoningTtftMicros())
        .isGreaterThanOrEqualTo(250_000);
    assertThat(cost.getServedModel()).isEqualTo("m-2");
    assertThat(cost.getSystemFingerprint()).isEqualTo("fp_7");
  }

  @Test
  void shouldShowASilentSwapOfTheModelInMetricsAndBoundTheirNames() {
    split(0);
    for (int i = 0; i < 30; i++) {
      control.does(
          Upstream.json(
              200,
              "{\"model\":\"gpt-x-%d\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}"
                  .formatted(i)));
      chat(false);
    }

    assertThat(registry.find("serin.router.served.models").counters())
        .hasSize(21)
        .anyMatch(
            counter -> "gpt-x-0".equals(counter.getId().getTag("model")) && counter.count() == 1)
        .anyMatch(
            counter -> "other".equals(counter.getId().getTag("model")) && counter.count() == 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"length", "stop"})
  void shouldNotTakeReasoningAloneForAnEmptyAnswer(String finish) {
    candidate.does(
        Upstream.json(
            200,
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\","
                + "\"reasoning_content\":\"long thoughts\"},\"finish_reason\":\""
                + finish
                + "\"}]}"));
    split(10_000);

    chat(false);

    RequestEvent only = evidence.events(1).getFirst();
    assertThat(only.getLast()).isTrue();
    assertThat(only.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldReplaceABodyWhoseServerGaveUp() {
    candidate.does(abortedBody());
    split(10_000);

    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(evidence.events(2).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.MALFORMED);

    control.does(abortedBody());
    split(0);
    HttpResponse<String> own = chat(false);
    assertThat(own.statusCode()).isEqualTo(200);
    assertThat(own.body()).contains("half an answer");
    assertThat(evidence.events(3).getLast().getMeasurement().getOutcome())
        .isEqualTo(Outcome.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 0})
  void shouldPassAStreamWhoseServerGaveUpAndCountIt(int slots) {
    Upstream.Behaviour aborted =
        Upstream.events(
            Upstream.ROLE,
            Upstream.CHUNK.formatted("hello"),
            Upstream.STOP.replace("\"stop\"", "\"abort\""),
            Upstream.DONE);
    candidate.does(aborted);
    control.does(aborted);
    split(slots);

    HttpResponse<String> response = chat(true);

    assertThat(response.body()).contains("hello", "abort").endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.CUT);
  }

  @Test
  void shouldTakeAnEmptyErrorForNone() {
    candidate.does(
        Upstream.json(
            200,
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"fine\"},"
                + "\"finish_reason\":\"stop\"}],\"error\":\"\"}"));
    split(10_000);

    assertThat(textOf(chat(false))).isEqualTo("fine");
    List<RequestEvent> events = evidence.events(1);
    assertThat(events.getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldPassAServersOwnWordsForAnError() {
    control.does(
        request ->
            request
                .response()
                .setStatusCode(400)
                .putHeader("content-type", "text/plain")
                .end("max_tokens is too large"));
    split(0);

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/message").asText()).isEqualTo("max_tokens is too large");
  }

  private static Upstream.Behaviour abortedBody() {
    return Upstream.json(
        200,
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"half an"
            + " answer\"},\"finish_reason\":\"abort\"}]}");
  }

  private static void write(HttpServerRequest request, String bytes) {
    if (!request.response().closed()) {
      request.response().write(bytes);
    }
  }

  private void adoptImpatiently(int slots) {
    Command command = command(slots);
    command.getDeadlines().setFirstByte(FIRST_BYTE);
    command.getDeadlines().setIdle(FIRST_BYTE);
    adopt(command);
  }
}
