package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.modelcalls.Address;
import io.serin.modelcalls.Credentials;
import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.worker.call.ModelAttempt;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.call.UnreachableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelCallerTest {
  private static final Deadlines PATIENT = new Deadlines(1_000, 10_000, 10_000, 20_000);
  private static final Deadlines HASTY = new Deadlines(1_000, 150, 150, 300);

  private final ModelCaller caller =
      new ModelCaller(new Credentials(Map.of("CANDIDATE_KEY", "secret")));
  private StubModel model;

  @BeforeEach
  void start() throws IOException {
    model = new StubModel(StubModel.says("Paris"));
  }

  @AfterEach
  void stop() {
    caller.close();
    model.close();
  }

  @Test
  void shouldMeasureAWholeAnswer() throws Exception {
    ModelAttempt attempt = caller.call(target(), request(false), BodyPatch.NONE, PATIENT);

    Measurement measured = attempt.measurement();
    assertThat(measured.getOutcome()).isEqualTo(Outcome.OK);
    assertThat(measured.getStatus()).isEqualTo(200);
    assertThat(measured.getTtftMicros()).isPositive();
    assertThat(measured.getDurationMicros()).isGreaterThanOrEqualTo(measured.getTtftMicros());
    assertThat(measured.getPromptTokens()).isEqualTo(12);
    assertThat(measured.getCompletionTokens()).isEqualTo(5);
    assertThat(measured.getCachedTokens()).isEqualTo(4);
    assertThat(measured.getReasoningTokens()).isNull();
    assertThat(measured.getFinishReason()).isEqualTo("stop");
    assertThat(measured.getRefusal()).isFalse();
    assertThat(measured.getResponseBytes()).isPositive();
    assertThat(attempt.text()).isEqualTo("Paris");
  }

  @Test
  void shouldMeasureAStreamToItsEnd() throws Exception {
    model.behave(StubModel.streams("Paris"));

    ModelAttempt attempt = caller.call(target(), request(true), BodyPatch.NONE, PATIENT);

    assertThat(attempt.measurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(attempt.measurement().getCompletionTokens()).isEqualTo(5);
    assertThat(attempt.measurement().getCachedTokens()).isNull();
    assertThat(attempt.text()).isEqualTo("Paris");
    assertThat(model.asked().getFirst().body()).contains("include_usage");
  }

  @Test
  void shouldSendTheCredentialInTheVariantsOwnHeader() throws Exception {
    VariantTarget own = target();
    own.setCredential("env:CANDIDATE_KEY");
    own.setCredentialHeader("x-api-key");

    caller.call(own, request(false), BodyPatch.NONE, PATIENT);

    assertThat(model.asked().getFirst().authorization()).isEmpty();
    assertThat(model.asked().getFirst().key()).isEqualTo("secret");
  }

  @Test
  void shouldAskAnotherServerOfTheVariantWhereOneIsAway() throws Exception {
    VariantTarget two = target();
    try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody.close();
      String away = "http://127.0.0.1:" + nobody.getLocalPort() + "/v1";
      for (boolean first : List.of(true, false)) {
        two.setUrl(first ? away : model.url());
        two.setMoreUrls(List.of(first ? model.url() : away));

        ModelAttempt attempt = caller.call(two, request(false), BodyPatch.NONE, PATIENT);
        caller.probe(two, request(false), PATIENT);

        assertThat(attempt.measurement().getOutcome()).isEqualTo(Outcome.OK);
      }
    }
    assertThat(model.asked()).hasSize(2);
  }

  @Test
  void shouldAskAsTheVariantWants() throws Exception {
    VariantTarget target = target();
    target.setCredential("env:CANDIDATE_KEY");
    target.setExtraBody("{\"temperature\":0}");

    caller.call(target, request(false), BodyPatch.NONE, PATIENT);

    assertThat(model.asked())
        .singleElement()
        .satisfies(
            asked -> {
              assertThat(asked.path()).isEqualTo("/v1/chat/completions");
              assertThat(asked.authorization()).isEqualTo("Bearer secret");
              assertThat(asked.body())
                  .contains("\"model\":\"candidate-model\"")
                  .contains("\"temperature\":0")
                  .contains("capital of France?");
            });
  }

  @Test
  void shouldCallAnUncleanEndACut() throws Exception {
    model.behave(StubModel.cuts());

    ModelAttempt attempt = caller.call(target(), request(true), BodyPatch.NONE, PATIENT);

    assertThat(attempt.measurement().getOutcome()).isEqualTo(Outcome.CUT);
    assertThat(attempt.text()).isNull();
  }

  @Test
  void shouldCallNoTextEmpty() throws Exception {
    model.behave(StubModel.says(""));

    assertThat(
            caller
                .call(target(), request(false), BodyPatch.NONE, PATIENT)
                .measurement()
                .getOutcome())
        .isEqualTo(Outcome.EMPTY);
  }

  @Test
  void shouldCallABodyWhereAStreamWasAskedForMalformed() throws Exception {
    assertThat(
            caller
                .call(target(), request(true), BodyPatch.NONE, PATIENT)
                .measurement()
                .getOutcome())
        .isEqualTo(Outcome.MALFORMED);
  }

  @Test
  void shouldGiveUpOnAModelThatHangs() throws Exception {
    model.behave(StubModel.hangs());

    ModelAttempt attempt = caller.call(target(), request(false), BodyPatch.NONE, HASTY);

    assertThat(attempt.measurement().getOutcome()).isEqualTo(Outcome.TIMEOUT);
    assertThat(attempt.measurement().getStatus()).isNull();
    assertThat(attempt.measurement().getDurationMicros()).isGreaterThanOrEqualTo(150_000);
  }

  @Test
  void shouldGiveUpOnAModelThatHangsInTheMiddle() throws Exception {
    model.behave(
        exchange -> {
          exchange.getResponseHeaders().set("content-type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(": soon\n\n".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
          StubModel.hangs().answer(exchange);
        });

    assertThat(
            caller.call(target(), request(true), BodyPatch.NONE, HASTY).measurement().getOutcome())
        .isEqualTo(Outcome.TIMEOUT);
  }

  @Test
  void shouldTellErrorsApart() throws Exception {
    assertThat(answerTo(500).kind()).isEqualTo(ModelAttempt.Kind.FAILED);
    assertThat(answerTo(429).kind()).isEqualTo(ModelAttempt.Kind.LIMITED);
    ModelAttempt refused = answerTo(400);
    assertThat(refused.kind()).isEqualTo(ModelAttempt.Kind.ANSWERED);
    assertThat(refused.measurement().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(refused.measurement().getStatus()).isEqualTo(400);
  }

  @Test
  void shouldSayThatNobodyListens() throws IOException {
    VariantTarget nobody = target();
    nobody.setUrl("http://127.0.0.1:" + freePort() + "/v1");

    assertThatThrownBy(() -> caller.call(nobody, request(false), BodyPatch.NONE, PATIENT))
        .isInstanceOf(UnreachableException.class);
  }

  @Test
  void shouldNotCallWithoutTheCredentialThatIsWanted() {
    VariantTarget target = target();
    target.setCredential("env:OTHER_KEY");

    assertThatThrownBy(() -> caller.call(target, request(false), BodyPatch.NONE, PATIENT))
        .isInstanceOf(UnreachableException.class)
        .hasMessageContaining("env:OTHER_KEY");
    assertThat(model.asked()).isEmpty();
  }

  @Test
  void shouldTakeAStreamForAnAnswerThoughNoneWasAskedFor() throws Exception {
    model.behave(StubModel.streams("Paris"));

    ModelAttempt attempt = caller.call(target(), request(false), BodyPatch.NONE, PATIENT);

    assertThat(attempt.measurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(attempt.text()).isEqualTo("Paris");
  }

  @Test
  void shouldJudgeAndCountWhatCameOfAStreamThatStalled() throws Exception {
    model.behave(stalls("I'm sorry, but I can't", " help with that request."));

    Measurement measured =
        caller.call(target(), request(true), BodyPatch.NONE, HASTY).measurement();

    assertThat(measured.getOutcome()).isEqualTo(Outcome.TIMEOUT);
    assertThat(measured.getRefusal()).isTrue();
    assertThat(measured.getCompletionTokens()).isEqualTo(2);
    assertThat(measured.getTtftMicros()).isPositive();
  }

  @Test
  void shouldAskTheServerThatTheRouterAsks() throws Exception {
    try (StubModel second = new StubModel(StubModel.says("Paris"));
        StubModel third = new StubModel(StubModel.says("Paris"))) {
      VariantTarget target = target();
      target.setMoreUrls(List.of(second.url(), third.url()));
      Map<String, StubModel> models =
          Map.of(model.url(), model, second.url(), second, third.url(), third);
      Pool router =
          Pool.of(models.keySet().stream().map(url -> Address.of("url", url)).toList(), 0);
      for (int prompt = 0; prompt < 12; prompt++) {
        CompletionRequest request = asking("Question " + prompt);
        Server chosen =
            Objects.requireNonNull(
                router.pick(request.affinity(), Set.of(), System.nanoTime()), "a server");
        StubModel expected =
            models.entrySet().stream()
                .filter(each -> Address.of("url", each.getKey()).equals(chosen.address()))
                .findFirst()
                .orElseThrow()
                .getValue();
        int before = expected.asked().size();

        caller.call(target, request, BodyPatch.NONE, PATIENT);

        assertThat(expected.asked()).hasSize(before + 1);
      }
    }
  }

  @Test
  void shouldSendTheQueryOfTheVariantsUrl() throws Exception {
    VariantTarget azure = target();
    azure.setUrl(model.url() + "?api-version=2024-10-21");

    ModelAttempt attempt = caller.call(azure, request(false), BodyPatch.NONE, PATIENT);

    assertThat(attempt.measurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(model.asked().getFirst().path())
        .isEqualTo("/v1/chat/completions?api-version=2024-10-21");
  }

  /** Content events, and then nothing. */
  private static StubModel.Behaviour stalls(String... texts) {
    return exchange -> {
      exchange.getResponseHeaders().set("content-type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      for (String text : texts) {
        String event = "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
        exchange.getResponseBody().write(event.getBytes(StandardCharsets.UTF_8));
      }
      exchange.getResponseBody().flush();
      StubModel.hangs().answer(exchange);
    };
  }

  private static CompletionRequest asking(String text) {
    String body =
        "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
    return CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, body.getBytes(StandardCharsets.UTF_8));
  }

  private ModelAttempt answerTo(int status) throws Exception {
    model.behave(StubModel.fails(status));
    return caller.call(target(), request(false), BodyPatch.NONE, PATIENT);
  }

  private VariantTarget target() {
    return Payloads.target("candidate", VariantRole.CANDIDATE, model.url());
  }

  private static CompletionRequest request(boolean stream) {
    return CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, Payloads.body(stream).array());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
