package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.feedback.RequestId;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import io.vertx.core.http.HttpConnection;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class CompletionsTest extends RouterTestBase {

  @Test
  void shouldServeAnAnswerFromTheAssignedVariantAndTellItOnce() {
    split(10_000);

    HttpResponse<String> response = post(CHAT, body(false), "x-client-request-id", "mine");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(textOf(response)).isEqualTo("from candidate");
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getRequestId()).isEqualTo(header(response, "x-request-id"));
    assertThat(event.getClientRequestId()).isEqualTo("mine");
    assertThat(event.getAttempt()).isEqualTo(1);
    assertThat(event.getLast()).isTrue();
    assertThat(event.getRollout()).isEqualTo("assistant");
    assertThat(event.getRun()).isEqualTo("run-1");
    assertThat(event.getRevision()).isEqualTo(revision);
    assertThat(event.getStageName()).isEqualTo("test");
    assertThat(event.getSplit()).hasSize(1);
    assertThat(event.getAssignedVariant()).isEqualTo("candidate");
    assertThat(event.getServedVariant()).isEqualTo("candidate");
    assertThat(event.getWhy()).isEqualTo(Why.ASSIGNED);
    assertThat(event.getEndpoint()).isEqualTo("chat.completions");
    assertThat(event.getStreamed()).isFalse();
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.OK);
    assertThat(event.getClientStatus()).isEqualTo(200);
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(event.getMeasurement().getStatus()).isEqualTo(200);
    assertThat(event.getMeasurement().getPromptTokens()).isEqualTo(7);
    assertThat(event.getMeasurement().getCompletionTokens()).isEqualTo(3);
    assertThat(event.getMeasurement().getFinishReason()).isEqualTo("stop");
    assertThat(event.getMeasurement().getRefusal()).isFalse();
    assertThat(event.getMeasurement().getDurationMicros()).isPositive();
    assertThat(event.getClientDurationMicros())
        .isGreaterThanOrEqualTo(event.getMeasurement().getDurationMicros());
    assertThat(event.getRequestBytes()).isEqualTo(body(false).length());
  }

  @Test
  void shouldNameTheVariantsModelInTheBodyAndKeepTheRest() {
    split(10_000);

    chat(false);

    Upstream.Received received = candidate.received().getFirst();
    assertThat(received.path()).isEqualTo("/v1/chat/completions");
    assertThat(json(received.body()).path("model").asText()).isEqualTo("new-model");
    assertThat(json(received.body()).path("user").asText()).isEqualTo("ann");
  }

  @Test
  void shouldServeLegacyCompletions() {
    split(0);
    control.does(
        Upstream.json(
            200, "{\"choices\":[{\"index\":0,\"text\":\"legacy\",\"finish_reason\":\"stop\"}]}"));

    HttpResponse<String> response =
        post("/v1/completions", "{\"model\":\"assistant\",\"prompt\":\"hi\",\"user\":\"ann\"}");

    assertThat(json(response).at("/choices/0/text").asText()).isEqualTo("legacy");
    assertThat(evidence.events(1).getFirst().getEndpoint()).isEqualTo("completions");
  }

  @Test
  void shouldKeepAUserOnItsVariantAndGiveEachVariantItsShare() {
    split(5_000);
    Set<String> variants = new HashSet<>();
    for (int user = 0; user < 30; user++) {
      String first =
          header(post(CHAT, body(false), "x-user-id", "user-" + user), "x-serin-variant");
      String second =
          header(post(CHAT, body(false), "x-user-id", "user-" + user), "x-serin-variant");
      assertThat(second).isEqualTo(first);
      variants.add(first);
    }
    assertThat(variants).containsExactlyInAnyOrder("control", "candidate");
  }

  @Test
  void shouldServeARequestWithoutAUnitFromControlOutsideEveryTest() {
    split(10_000);

    post(CHAT, "{\"model\":\"assistant\",\"messages\":[]}");
    post(CHAT, "{\"model\":\"assistant\",\"messages\":[]}");

    var events = evidence.events(2);
    assertThat(events).extracting(RequestEvent::getWhy).containsOnly(Why.NO_UNIT);
    assertThat(events).extracting(RequestEvent::getServedVariant).containsOnly("control");
    assertThat(events.get(0).getUnit()).hasSize(22).isNotEqualTo(events.get(1).getUnit());
  }

  @Test
  void shouldNeverLetTheUsersNameLeaveInTheClear() {
    split(10_000);

    chat(false);

    assertThat(evidence.events(1).getFirst().toString()).doesNotContain("ann");
  }

  @Test
  void shouldSayInTheRequestIdWhatServedIt() {
    split(10_000);

    RequestId id = ids.read(header(chat(false), "x-request-id")).orElseThrow();

    RequestEvent event = evidence.events(1).getFirst();
    assertThat(id.rollout()).isEqualTo("assistant");
    assertThat(id.run()).isEqualTo("run-1");
    assertThat(id.stage()).isEqualTo(1);
    assertThat(id.unit()).isEqualTo(event.getUnit());
    assertThat(id.assigned()).isEqualTo("candidate");
    assertThat(id.served()).isEqualTo("candidate");
    assertThat(id.why()).isEqualTo("ASSIGNED");
  }

  @Test
  void shouldDropHopByHopHeadersBothWaysAndPassTheRest() {
    split(10_000);

    HttpResponse<String> response =
        post(
            CHAT,
            body(false),
            "te",
            "trailers",
            "traceparent",
            "00-a-b-01",
            "authorization",
            "Bearer client",
            "x-request-id",
            "forged");

    Upstream.Received received = candidate.received().getFirst();
    assertThat(received.headers().contains("te")).isFalse();
    assertThat(received.headers().contains("x-request-id")).isFalse();
    assertThat(received.headers().get("traceparent")).isEqualTo("00-a-b-01");
    assertThat(received.headers().get("authorization")).isEqualTo("Bearer client");
    assertThat(response.headers().firstValue("x-secret-hop")).isEmpty();
    assertThat(header(response, "x-upstream-request-id")).isEqualTo("upstream-1");
    assertThat(header(response, "x-request-id")).startsWith("req_");
  }

  @Test
  void shouldSendAVariantsOwnCredentialAndNeverTheClients() {
    Command command = command(10_000);
    command.getVariants().get(1).setCredential("env:CANDIDATE_KEY");
    command.getVariants().get(1).setHeaders(Map.of("X-Extra", "yes"));
    command.getVariants().get(1).setExtraBody("{\"temperature\":0.5}");
    adopt(command);

    post(CHAT, body(false), "authorization", "Bearer client", "api-key", "client");

    Upstream.Received received = candidate.received().getFirst();
    assertThat(received.headers().get("authorization")).isEqualTo("Bearer candidate-secret");
    assertThat(received.headers().contains("api-key")).isFalse();
    assertThat(received.headers().get("x-extra")).isEqualTo("yes");
    assertThat(json(received.body()).path("temperature").asDouble()).isEqualTo(0.5);
  }

  @Test
  void shouldNotCallACandidateWhoseCredentialCannotBeRead() {
    Command command = command(10_000);
    command.getVariants().get(1).setCredential("env:MISSING");
    adopt(command);

    post(CHAT, body(false), "authorization", "Bearer client");

    assertThat(candidate.received()).isEmpty();
    assertThat(control.received()).hasSize(1);
  }

  /** A first command without control's credential: control is called, never with the client's. */
  @Test
  void shouldSendNoCredentialWhereControlsOwnCannotBeRead() {
    Command command = command(0);
    command.getVariants().get(0).setCredential("env:MISSING");
    adopt(command);

    post(CHAT, body(false), "authorization", "Bearer client");

    assertThat(control.received().getFirst().headers().contains("authorization")).isFalse();
  }

  @Test
  void shouldPassControlsOwnErrorToTheClient() {
    split(0);
    control.does(
        Upstream.json(429, "{\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit\"}}"));

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(json(response).at("/error/message").asText()).isEqualTo("slow down");
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(event.getClientStatus()).isEqualTo(429);
  }

  @Test
  void shouldWrapAnErrorThatIsNotJsonInOpenAisShape() {
    split(0);
    control.does(Upstream.plain(503, "<html>down</html>"));

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(json(response).at("/error/type").asText()).isEqualTo("server_error");
  }

  @Test
  void shouldAnswer502WhereControlCannotBeReached() {
    split(0);
    control.close();

    HttpResponse<String> response = chat(true);

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(json(response).at("/error/code").asText()).isEqualTo("upstream_unreachable");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.CONNECT_ERROR);
  }

  @Test
  void shouldAnswer504WhereControlHangs() {
    adopt(Commands.impatient(command(0)));
    control.does(Upstream.hang());

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.TIMEOUT);
    assertThat(control.sawReset()).isTrue();
  }

  @Test
  void shouldTryAnotherConnectionWhereAnIdleOneIsClosedAsTheRequestIsSent() {
    split(0);
    for (int i = 0; i < 4; i++) {
      assertThat(chat(false).statusCode()).isEqualTo(200);
    }
    Set<HttpConnection> used = ConcurrentHashMap.newKeySet();
    control.does(
        request -> {
          if (used.isEmpty() && used.add(request.connection())) {
            request.connection().close();
          } else {
            Upstream.text("second try").answer(request);
          }
        });

    assertThat(textOf(chat(false))).isEqualTo("second try");
    assertThat(evidence.events(5))
        .extracting(RequestEvent::getClientOutcome)
        .containsOnly(Outcome.OK);
  }

  @Test
  void shouldNotHoldAnAnswerOverTheLimit() {
    split(0);
    control.does(Upstream.text("x".repeat(2 << 20)));

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.CUT);
  }
}
