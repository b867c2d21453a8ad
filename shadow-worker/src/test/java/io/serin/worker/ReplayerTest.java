package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.modelcalls.Credentials;
import io.serin.privacy.PayloadSeal;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowBudget;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowModel;
import io.serin.schemas.ShadowPrice;
import io.serin.schemas.ShadowResult;
import io.serin.worker.budget.Backoff;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Spending;
import io.serin.worker.budget.Totals;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.commands.CommandTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplayerTest {
  private static final Duration COMMAND_WAIT = Duration.ofMillis(400);

  private final CommandTable commands = new CommandTable();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Spending spending = new Spending();
  private final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final ModelCaller caller = new ModelCaller(new Credentials(secrets::get, null));
  private final Replayer replayer =
      new Replayer(
          LaneId.live("assistant"),
          ReplayPlan.Scope.LIVE,
          caller,
          commands,
          new Replayer.Settings(
              "worker-1",
              3,
              new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)),
              COMMAND_WAIT),
          () -> 1,
          spending,
          new WorkerMetrics(meters, "assistant"),
          () -> Payloads.NOON);
  private StubModel candidate;
  private StubModel control;

  @BeforeEach
  void start() throws IOException {
    candidate = new StubModel(StubModel.says("Paris"));
    control = new StubModel(StubModel.says("Paris is it"));
  }

  @AfterEach
  void stop() {
    caller.close();
    candidate.close();
    control.close();
  }

  @Test
  void shouldGiveBothSidesOfAPair() throws Exception {
    commands.offer(command(1));

    ShadowResult result = one("r1");

    assertThat(result.getSkipped()).isNull();
    assertThat(result.getServed().getVariant()).isEqualTo("control");
    assertThat(result.getServed().getTextHash()).hasSize(64);
    assertThat(result.getServed().getTextLength()).isEqualTo(20);
    assertThat(result.getCandidate().getVariant()).isEqualTo("candidate");
    assertThat(result.getCandidate().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(result.getCandidate().getTextLength()).isEqualTo(5);
    assertThat(result.getCandidate().getJson()).isFalse();
    assertThat(result.getControl()).isNull();
    assertThat(result.getSimilarity()).isCloseTo(0.25, within(1e-12));
    assertThat(result.getAt()).isEqualTo(Payloads.NOON);
  }

  @Test
  void shouldNeverTellAText() throws Exception {
    commands.offer(command(1));

    assertThat(one("r1").toString()).doesNotContain("Paris").doesNotContain("capital");
  }

  @Test
  void shouldAskControlBesideTheCandidateWhereDrawn() throws Exception {
    Command command = command(1);
    command.getShadow().setControlReplayBasisPoints(10_000);
    commands.offer(command);
    control.behave(StubModel.says("{\"capital\":\"Paris\"}"));

    ShadowResult result = one("r1");

    assertThat(result.getControl().getVariant()).isEqualTo("control");
    assertThat(result.getControl().getJson()).isTrue();
    assertThat(result.getControl().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(candidate.asked()).hasSize(1);
    assertThat(control.asked()).hasSize(1);
  }

  @Test
  void shouldTellWhatBothAnswersAreLikeWithoutATextOfThem() throws Exception {
    Command command = command(1);
    command.getShadow().setControlReplayBasisPoints(10_000);
    commands.offer(command);
    control.behave(StubModel.says("{\"capital\":\"Paris\"}"));
    candidate.behave(StubModel.says("I'm sorry, but I cannot help with that."));
    CapturedPayload payload =
        Payloads.payload(
            "r1",
            change ->
                change.setRequestBody(
                    Payloads.bytes(
                        """
                        {"model":"assistant","response_format":{"type":"json_schema","json_schema":{"name":"c",
                        "schema":{"type":"object","required":["capital"]}}},
                        "messages":[{"role":"user","content":"What is the capital of France, please?"}]}
                        """)));

    payload.setTenant("acme");
    ShadowResult result = replayer.replay(task(payload)).results().getFirst();

    assertThat(result.getAsked().getJsonAsked()).isTrue();
    assertThat(result.getAsked().getSchemaAsked()).isTrue();
    assertThat(result.getAsked().getSegments())
        .contains("length=short", "endpoint=chat.completions", "type=question", "tenant=acme");
    assertThat(result.getControl().getTraits().getSchemaKept()).isTrue();
    assertThat(result.getCandidate().getTraits().getRefusal()).isEqualTo("full");
    assertThat(result.getCandidate().getTraits().getJson()).isFalse();
    assertThat(result.getServed().getTraits().getToolCalls()).as("not known").isNull();
    assertThat(result.getControlDifference().getEqualText()).isFalse();
    assertThat(result.toString()).doesNotContain("sorry").doesNotContain("Paris");
  }

  @Test
  void shouldCompareToolCallsAndNeverTellTheirArguments() throws Exception {
    Command command = command(1);
    command.getShadow().setControlReplayBasisPoints(10_000);
    commands.offer(command);
    control.behave(StubModel.calls("weather", "{\"city\":\"Paris\"}"));
    candidate.behave(StubModel.calls("weather", "{\"city\":\"Lyon\"}"));

    ShadowResult other = one("r1");
    candidate.behave(StubModel.calls("weather", "{ \"city\" : \"Paris\" }"));
    ShadowResult same = one("r2");

    assertThat(other.getControlDifference().getSameTools()).isTrue();
    assertThat(other.getControlDifference().getSameArguments()).isFalse();
    assertThat(other.getCandidate().getTraits().getToolsReadable()).isTrue();
    assertThat(same.getControlDifference().getSameArguments()).isTrue();
    assertThat(other.toString()).doesNotContain("Lyon").doesNotContain("weather");
  }

  @Test
  void shouldTellTheFailureThatAUserWouldHaveMetAndTheTextOfTheRetry() throws Exception {
    commands.offer(command(1));
    AtomicInteger times = new AtomicInteger();
    candidate.behave(
        exchange ->
            (times.getAndIncrement() == 0 ? StubModel.fails(503) : StubModel.says("Paris"))
                .answer(exchange));

    ShadowResult result = one("r1");

    assertThat(result.getCandidate().getMeasurement().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(result.getCandidate().getMeasurement().getStatus()).isEqualTo(503);
    assertThat(result.getCandidate().getTextLength()).isEqualTo(5);
    assertThat(candidate.asked()).hasSize(2);
  }

  @Test
  void shouldNotBlameTheCandidateForAskingTooFast() throws Exception {
    commands.offer(command(1));
    AtomicInteger times = new AtomicInteger();
    candidate.behave(
        exchange ->
            (times.getAndIncrement() < 2 ? StubModel.fails(429) : StubModel.says("Paris"))
                .answer(exchange));

    ShadowResult result = one("r1");

    assertThat(result.getCandidate().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(count("serin.worker.retries", "cause", "limited")).isEqualTo(2);
  }

  @Test
  void shouldGiveUpAfterItsAttempts() throws Exception {
    commands.offer(command(1));
    candidate.behave(StubModel.fails(500));

    ShadowResult result = one("r1");

    assertThat(result.getCandidate().getMeasurement().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(result.getCandidate().getTextHash()).isNull();
    assertThat(candidate.asked()).hasSize(3);
  }

  @Test
  void shouldWaitForACandidateThatIsAway() throws Exception {
    int port = candidate.port();
    candidate.close();
    commands.offer(command(1));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ShadowResult> result = threads.submit(() -> one("r1"));
      until(() -> count("serin.worker.unreachable", "variant", "candidate") >= 4);
      assertThat(result).isNotDone();

      candidate = new StubModel(port, StubModel.says("Paris"));

      assertThat(result.get(10, TimeUnit.SECONDS).getCandidate().getMeasurement().getOutcome())
          .isEqualTo(Outcome.OK);
    }
  }

  @Test
  void shouldStopWaitingWhenTheRolloutIsOver() throws Exception {
    candidate.close();
    commands.offer(command(1));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ShadowResult> result = threads.submit(() -> one("r1"));
      until(() -> count("serin.worker.unreachable", "variant", "candidate") >= 1);

      Command over = command(2);
      over.setState(RolloutState.ABORTED);
      commands.offer(over);

      ShadowResult skipped = result.get(10, TimeUnit.SECONDS);
      assertThat(skipped.getSkipped()).isEqualTo(ReplayPlan.NO_SHADOW);
      assertThat(skipped.getCandidate().getVariant()).isEqualTo("candidate");
      assertThat(skipped.getCandidate().getMeasurement().getOutcome()).isEqualTo(Outcome.UNKNOWN);
    }
  }

  @Test
  void shouldTellThatARequestCannotBeSent() throws Exception {
    commands.offer(command(1));

    Replay.Done done =
        replayer.replay(
            task(Payloads.payload("r1", it -> it.setRequestBody(Payloads.bytes("[REDACTED]")))));

    assertThat(done.results())
        .singleElement()
        .satisfies(it -> assertThat(it.getSkipped()).isEqualTo(PayloadOpener.UNREADABLE));
    assertThat(done.deadLetters())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.getReason()).isEqualTo(PayloadOpener.UNREADABLE);
              assertThat(it.getRequestId()).isEqualTo("r1");
              assertThat(it.getOffset()).isEqualTo(7);
              assertThat(it.toString()).doesNotContain("REDACTED");
            });
  }

  @Test
  void shouldSkipTheRequestsOfAnUnknownRolloutOnlyAfterAWait() throws Exception {
    long before = System.nanoTime();

    assertThat(one("r1").getSkipped()).isEqualTo(ReplayPlan.UNKNOWN_ROLLOUT);

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(COMMAND_WAIT);
  }

  @Test
  void shouldReplayWhatWasCapturedUnderACommandThatComesWithinTheWait() throws Exception {
    Thread.ofVirtual()
        .start(
            () -> {
              LockSupport.parkNanos(COMMAND_WAIT.toNanos() / 5);
              commands.offer(command(1));
            });

    assertThat(one("r1").getSkipped()).isNull();
  }

  @Test
  void shouldNotAskMoreAtATimeThanThePlanAllows() throws Exception {
    Command command = command(1);
    command.getShadow().setMaxConcurrency(2);
    commands.offer(command);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    candidate.behave(
        exchange -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          try {
            Thread.sleep(20);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          now.decrementAndGet();
          StubModel.says("Paris").answer(exchange);
        });

    List<Future<ShadowResult>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        String id = "r" + i;
        results.add(threads.submit(() -> one(id)));
      }
      for (Future<ShadowResult> result : results) {
        assertThat(result.get(10, TimeUnit.SECONDS).getSkipped()).isNull();
      }
    }
    assertThat(most.get()).isEqualTo(2);
  }

  @Test
  void shouldKeepToItsRate() throws Exception {
    Command command = command(1);
    command.getShadow().setRequestsPerSecond(50);
    commands.offer(command);
    long from = System.nanoTime();

    for (int i = 0; i < 11; i++) {
      one("r" + i);
    }

    assertThat(Duration.ofNanos(System.nanoTime() - from))
        .isGreaterThanOrEqualTo(Duration.ofMillis(200));
  }

  @Test
  void shouldNeitherMeasureNorBlameACandidateThatLimitsEveryAttempt() throws Exception {
    commands.offer(command(1));
    candidate.behave(StubModel.fails(429));

    ShadowResult result = one("r1");

    assertThat(result.getSkipped()).isEqualTo(Replayer.RATE_LIMITED);
    assertThat(result.getCalls()).isEqualTo(3);
    assertThat(replayer.hindrance(true).state()).isEqualTo("rate-limited");
  }

  @Test
  void shouldForceTheSameParametersOnBothSides() throws Exception {
    Command command = command(1);
    command.getShadow().setControlReplayBasisPoints(10_000);
    command.getShadow().setForce("{\"temperature\":0,\"seed\":7}");
    commands.offer(command);

    ShadowResult result = one("r1");

    assertThat(result.getForced()).isTrue();
    for (StubModel side : List.of(candidate, control)) {
      assertThat(side.asked())
          .singleElement()
          .satisfies(it -> assertThat(it.body()).contains("\"temperature\":0,\"seed\":7"));
    }
    assertThat(candidate.asked().getFirst().body().replace("candidate-model", "control-model"))
        .as("but for the model, both are asked the same")
        .isEqualTo(control.asked().getFirst().body());
  }

  @Test
  void shouldAskForSeveralAnswersAndForControlTwiceWhereNoiseIsMeasured() throws Exception {
    Command command = command(1);
    command.getShadow().setControlReplayBasisPoints(10_000);
    command.getShadow().setNoiseBasisPoints(10_000);
    commands.offer(command);

    ShadowResult noise = one("r1");

    assertThat(noise.getMoreCandidates()).isEmpty();
    assertThat(noise.getMoreControls()).hasSize(1);
    assertThat(noise.getNoiseSimilarity()).isEqualTo(1);
    assertThat(noise.getControlSimilarity()).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(noise.getCalls()).isEqualTo(3);

    command.setRevision(2);
    command.getShadow().setAnswers(3);
    commands.offer(command);
    ShadowResult three = one("r2");
    assertThat(three.getMoreCandidates()).hasSize(2);
    assertThat(three.getMoreControls()).hasSize(2);
  }

  @Test
  void shouldStopAtTheEndOfItsBudgetAndSayWhatItCost() throws Exception {
    Command command = command(1);
    command
        .getShadow()
        .setBudget(
            ShadowBudget.newBuilder()
                .setSpend(40e-6)
                .setPrices(Map.of("candidate", new ShadowPrice(1.0, 2.0, 0.5)))
                .build());
    commands.offer(command);

    ShadowResult first = one("r1");
    ShadowResult second = one("r2");
    ShadowResult third = one("r3");

    // 8 prompt tokens at 1, 4 cached ones at 0.5, 5 completion tokens at 2, a million.
    assertThat(first.getCost()).isCloseTo(20e-6, within(1e-12));
    assertThat(second.getSkipped()).isNull();
    assertThat(third.getSkipped()).isEqualTo(Spending.BUDGET_OVER);
    assertThat(third.getCost()).isZero();
    assertThat(candidate.asked()).hasSize(2);
    assertThat(replayer.hindrance(true))
        .isEqualTo(new Hindrances.Hindrance("over-budget", Spending.BUDGET_OVER));
  }

  @Test
  void shouldCountWhatOtherWorkersUsed() throws Exception {
    Command command = command(1);
    command.getShadow().setBudget(ShadowBudget.newBuilder().setRequestsPerHour(10).build());
    commands.offer(command);
    long hour = Payloads.NOON.getEpochSecond() / 3_600;
    Spend nine = new Spend(9, 0, 0, 0, 0);
    spending.others(Totals.NONE.after("run-1", hour, nine, Map.of("OK", 9L), Map.of()));

    assertThat(one("r1").getSkipped()).isNull();
    assertThat(one("r2").getSkipped()).isEqualTo(Spending.HOUR_OVER);

    spending.others(Totals.NONE.after("run-1", hour - 1, nine, Map.of("OK", 9L), Map.of()));
    spending.committed(Totals.NONE, new Spend(1, 12, 5, 0, 1));
    assertThat(one("r3").getSkipped()).as("the next hour").isNull();
  }

  @Test
  void shouldOpenSealedPayloadsByEitherKeyWhileOneIsReplaced() throws Exception {
    Command command = command(1);
    command.getShadow().setSealKeys(Map.of("old", "env:OLD", "new", "env:NEW"));
    commands.offer(command);
    secrets.put("OLD", key(1));
    secrets.put("NEW", key(2));

    assertThat(one(sealed("r1", "old", key(1))).getSimilarity()).isCloseTo(0.25, within(1e-12));
    assertThat(one(sealed("r2", "new", key(2))).getServed().getTextLength()).isEqualTo(20);
    assertThat(candidate.asked().getFirst().body()).contains("capital of France?");
  }

  @Test
  void shouldSayWhyASealCannotBeOpened() throws Exception {
    Command command = command(1);
    command.getShadow().setSealKeys(Map.of("old", "env:OLD", "new", "env:NEW"));
    commands.offer(command);
    secrets.put("NEW", key(2));

    for (CapturedPayload payload :
        List.of(
            sealed("r1", "old", key(1)),
            sealed("r2", "new", key(3)),
            sealed("r3", "none", key(1)))) {
      Replay.Done done = replayer.replay(task(payload));
      assertThat(done.results().getFirst().getSkipped()).isEqualTo(PayloadOpener.UNDECRYPTABLE);
      assertThat(done.deadLetters().getFirst().getCause()).contains("key ").doesNotContain(key(2));
    }
    assertThat(candidate.asked()).isEmpty();
  }

  @Test
  void shouldReplayNothingOfWhatWasCapturedAsHashes() throws Exception {
    commands.offer(command(1));

    assertThat(one(Payloads.payload("r1", it -> it.setOmitted("hashes"))).getSkipped())
        .isEqualTo("hashes-only");
    assertThat(one(Payloads.payload("r2", it -> it.setOmitted("too-large"))).getSkipped())
        .isEqualTo("too-large");
    assertThat(candidate.asked()).isEmpty();
  }

  @Test
  void shouldCompareAnswersRedactedAsWhatWasServedWas() throws Exception {
    commands.offer(command(1));
    candidate.behave(StubModel.says("write to bob@example.com"));

    ShadowResult result = one(Payloads.payload("r1", it -> it.setServedText("write to [email]")));

    assertThat(result.getCandidate().getTextHash()).isEqualTo(result.getServed().getTextHash());
    assertThat(result.getSimilarity()).isEqualTo(1);
  }

  @Test
  void shouldNotAskControlAgainAndAgainWhileTheCandidateIsAway() throws Exception {
    int port = candidate.port();
    candidate.close();
    Command command = command(1);
    command.getShadow().setControlReplayBasisPoints(10_000);
    commands.offer(command);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ShadowResult> result = threads.submit(() -> one("r1"));
      until(() -> count("serin.worker.unreachable", "variant", "candidate") >= 10);
      assertThat(control.asked()).hasSizeLessThanOrEqualTo(2);
      assertThat(replayer.hindrance(true).state()).isEqualTo("candidate-away");

      candidate = new StubModel(port, StubModel.says("Paris"));

      assertThat(result.get(10, TimeUnit.SECONDS).getControl()).isNotNull();
    }
  }

  @Test
  void shouldKeepTheTextsOfPairsThatTellSomethingOnlyWhereTold() throws Exception {
    commands.offer(command(1));
    candidate.behave(StubModel.says("I'm sorry, but I cannot help with that."));
    assertThat(replayer.replay(task(Payloads.payload("r1"))).examples()).isEmpty();

    Command keeping = command(2);
    keeping.getShadow().setExamples(true);
    keeping.getShadow().setControlReplayBasisPoints(10_000);
    commands.offer(keeping);

    assertThat(replayer.replay(task(Payloads.payload("r2"))).examples())
        .singleElement()
        .satisfies(
            example -> {
              assertThat(example.getRequestId()).isEqualTo("r2");
              assertThat(example.getCandidate()).isEqualTo("candidate");
              assertThat(example.getAskedText()).isEqualTo("capital of France?");
              assertThat(example.getServedText()).isEqualTo("Paris is the capital");
              assertThat(example.getControlText()).isEqualTo("Paris is it");
              assertThat(example.getCandidateText()).contains("cannot help");
              assertThat(example.getSealed()).isNull();
            });
    candidate.behave(StubModel.says("Paris is it"));
    assertThat(replayer.replay(task(Payloads.payload("r3"))).examples())
        .as("nothing that a user would notice")
        .isEmpty();
  }

  @Test
  void shouldRedactAndSealExamplesAsCapturedRequestsAre() throws Exception {
    Command command = command(1);
    command.getShadow().setExamples(true);
    command.getShadow().setSealKey("new");
    command.getShadow().setSealKeys(Map.of("new", "env:NEW"));
    commands.offer(command);
    candidate.behave(StubModel.says("I cannot help with that, write to ann@example.com instead."));
    CapturedPayload payload = sealed("r1", "new", key(2));

    secrets.put("NEW", key(2));
    ShadowExample example = replayer.replay(task(payload)).examples().getFirst();

    assertThat(example.getAskedText()).isNull();
    assertThat(example.getCandidateText()).isNull();
    ExampleTexts texts = new ExampleTexts(new Credentials(secrets::get, null));
    ShadowExample opened = texts.open(example, Map.of("new", "env:NEW"));
    assertThat(opened.getAskedText()).isEqualTo("capital of France?");
    assertThat(opened.getCandidateText())
        .isEqualTo("I cannot help with that, write to [email] instead.");
    assertThat(opened.getControlText()).isNull();
    assertThatThrownBy(() -> texts.open(example, Map.of()))
        .hasMessageContaining("key new is not a key of the rollout");
    secrets.put("NEW", key(3));
    assertThatThrownBy(() -> texts.open(example, Map.of("new", "env:NEW")))
        .hasMessageContaining("key new does not open it");
  }

  @Test
  void shouldLetAJudgeAndEmbeddingsLookAndCountWhatTheyTake() throws Exception {
    try (StubModel models = new StubModel(StubModel.fails(500))) {
      models.behave(
          exchange -> {
            String asked = models.asked().getLast().body();
            String reply =
                models.asked().getLast().path().endsWith("/embeddings")
                    // control, candidate, control asked again
                    ? "{\"data\":[{\"embedding\":[1,0]},{\"embedding\":[0,1]},{\"embedding\":[1,0]}],"
                        + "\"usage\":{\"prompt_tokens\":30}}"
                    : "{\"choices\":[{\"message\":{\"content\":\"{\\\"better\\\": \\\""
                        + (asked.indexOf("Paris is it") < asked.indexOf("Rome") ? "A" : "B")
                        + "\\\"}\"}}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}";
            byte[] body = reply.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          });
      secrets.put("JUDGE_KEY", "a-token");
      Command command = command(1);
      command.getShadow().setControlReplayBasisPoints(10_000);
      command.getShadow().setNoiseBasisPoints(10_000);
      command
          .getShadow()
          .setSimilarity(model(models.url(), null, new ShadowPrice(1_000.0, 0.0, null)));
      command
          .getShadow()
          .setJudge(model(models.url(), "env:JUDGE_KEY", new ShadowPrice(1_000.0, 10_000.0, null)));
      command.getShadow().setBudget(prices());
      commands.offer(command);
      candidate.behave(StubModel.says("Rome"));

      Replay.Done done = replayer.replay(task(Payloads.payload("r1")));

      ShadowResult result = done.results().getFirst();
      assertThat(result.getSemanticSimilarity()).isZero();
      assertThat(result.getSemanticNoise()).isCloseTo(1, within(1e-12));
      assertThat(result.getSemanticAtLeast()).isEqualTo(0.8);
      assertThat(result.getJudgement().getBetter()).isEqualTo("other");
      assertThat(result.getJudgement().getPrompt()).isEqualTo("pairwise-1");
      assertThat(result.getJudgement().getModel()).isEqualTo("looker");
      assertThat(result.getJudgement().getCost()).isCloseTo(0.4, within(1e-9));
      // One candidate, control twice, one embedding of three texts, two judgements.
      assertThat(result.getCalls()).isEqualTo(6);
      assertThat(done.used().cost()).isCloseTo(0.43, within(1e-9));
      assertThat(result.getCost()).isCloseTo(0.43, within(1e-9));
      assertThat(models.asked())
          .extracting(StubModel.Asked::authorization)
          .containsExactlyInAnyOrder("", "Bearer a-token", "Bearer a-token");
      assertThat(result.toString()).doesNotContain("Rome").doesNotContain("Paris");
    }
  }

  @Test
  void shouldGoOnWithoutAJudgeThatFailsAndLetItRest() throws Exception {
    try (StubModel models = new StubModel(StubModel.fails(400))) {
      Command command = command(1);
      command.getShadow().setControlReplayBasisPoints(10_000);
      command.getShadow().setJudge(model(models.url(), null, null));
      commands.offer(command);

      assertThat(one("r1").getJudgement()).isNull();
      assertThat(one("r2").getControl()).isNotNull();

      assertThat(models.asked()).as("not again for half a minute").hasSize(1);
      assertThat(count("serin.worker.review.failures", "kind", "judge")).isEqualTo(1);
    }
  }

  private static ShadowModel model(
      String url, @Nullable String credential, @Nullable ShadowPrice price) {
    return ShadowModel.newBuilder()
        .setUrl(url)
        .setModel("looker")
        .setCredential(credential)
        .setPrice(price)
        .build();
  }

  private static ShadowBudget prices() {
    ShadowPrice free = new ShadowPrice(0.0, 0.0, null);
    return ShadowBudget.newBuilder().setPrices(Map.of("control", free, "candidate", free)).build();
  }

  private static CapturedPayload sealed(String requestId, String keyId, String key)
      throws GeneralSecurityException {
    CapturedPayload payload = Payloads.payload(requestId);
    byte[] body = new byte[payload.getRequestBody().remaining()];
    payload.getRequestBody().duplicate().get(body);
    payload.setSealed(
        PayloadSeal.seal(
            keyId,
            PayloadSeal.key(key),
            PayloadSeal.binding(requestId, payload.getRollout(), payload.getRun()),
            new PayloadSeal.Content(body, payload.getServedText()),
            new SecureRandom()));
    payload.setRequestBody(ByteBuffer.allocate(0));
    payload.setServedText(null);
    return payload;
  }

  private static String key(int fill) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) fill;
    return Base64.getEncoder().encodeToString(bytes);
  }

  private ShadowResult one(String requestId) throws InterruptedException {
    return one(Payloads.payload(requestId));
  }

  private ShadowResult one(CapturedPayload payload) throws InterruptedException {
    List<ShadowResult> results = replayer.replay(task(payload)).results();
    assertThat(results).hasSize(1);
    return results.getFirst();
  }

  private static Replay.Task task(CapturedPayload payload) {
    return new Replay.Task(payload, new Replay.Place("serin.payloads", 2, 7));
  }

  private double count(String name, String tag, String value) {
    return meters.counter(name, "rollout", "assistant", tag, value).count();
  }

  private Command command(long revision) {
    return Payloads.command(revision, candidate.url(), control.url());
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for 10 s").isLessThan(end);
      Thread.sleep(2);
    }
  }
}
