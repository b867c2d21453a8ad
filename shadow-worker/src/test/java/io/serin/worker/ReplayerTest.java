package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplayerTest {
  private final CommandTable commands = new CommandTable();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ModelCaller caller = new ModelCaller(new Credentials(name -> null));
  private final Replayer replayer =
      new Replayer(
          caller,
          commands,
          new Replayer.Settings(
              3, new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)), Duration.ofMillis(100)),
          () -> 1,
          new WorkerMetrics(meters),
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
    replayer.close();
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
    assertThat(meters.counter("serin.worker.retries", "cause", "limited").count()).isEqualTo(2);
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
      until(() -> meters.counter("serin.worker.unreachable", "variant", "candidate").count() >= 4);
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
      until(() -> meters.counter("serin.worker.unreachable", "variant", "candidate").count() >= 1);

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

    List<ShadowResult> results =
        replayer.replay(
            Payloads.payload("r1", it -> it.setRequestBody(Payloads.bytes("[REDACTED]"))));

    assertThat(results)
        .singleElement()
        .satisfies(it -> assertThat(it.getSkipped()).isEqualTo(Replayer.UNREADABLE));
  }

  @Test
  void shouldTellThatARolloutIsUnknownOnlyAfterItsPatience() throws Exception {
    assertThat(one("r1").getSkipped()).isEqualTo(ReplayPlan.UNKNOWN_ROLLOUT);
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

  private ShadowResult one(String requestId) throws InterruptedException {
    List<ShadowResult> results = replayer.replay(Payloads.payload(requestId));
    assertThat(results).hasSize(1);
    return results.getFirst();
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
