package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.view.RolloutView;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.WantedRollout;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many callers at once, and a controller that takes a moment. */
class ControlApiConcurrencyTest {
  private static final int CALLERS = 24;
  private static final Instant NOW = Instant.parse("2026-11-02T08:00:00Z");
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;

  private final RolloutView view = new RolloutView();
  private final List<WantedRollout> files = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong ids = new AtomicLong();
  private final AtomicBoolean caughtUp = new AtomicBoolean(true);
  private final ConcurrentLinkedQueue<String> deleted = new ConcurrentLinkedQueue<>();
  private final ControlApi api =
      new ControlApi(
          view,
          new SlowController(),
          Tokens.none(),
          InstantSource.fixed(NOW),
          () -> "id-" + ids.incrementAndGet(),
          caughtUp::get);

  @Test
  void shouldBeginOneRunWhenManyApplyWithOneIdempotencyKey() throws Exception {
    List<ControlApi.Answer> answers = atOnce(() -> apply(Map.of("idempotency-key", "deploy-7")));

    assertThat(files).hasSize(1);
    assertThat(answers).extracting(ControlApi.Answer::status).containsOnly(202);
    assertThat(answers)
        .extracting(answer -> answer.body().get("run").asText())
        .containsOnly(files.getFirst().getRun());
  }

  @Test
  void shouldTakeOneChangeWhenManyExpectTheSameRevision() throws Exception {
    List<ControlApi.Answer> answers = atOnce(() -> apply(Map.of("x-serin-expected-revision", "0")));

    assertThat(files).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.status() == 202).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.status() == 409).hasSize(CALLERS - 1);
  }

  @Test
  void shouldAnswer503UntilTheTopicsAreRead() {
    caughtUp.set(false);

    assertThat(apply(Map.of()).status()).isEqualTo(503);
    assertThat(files).isEmpty();

    caughtUp.set(true);
    assertThat(apply(Map.of()).status()).isEqualTo(202);
  }

  @Test
  void shouldDoNothingWhenTheFileThatRunsIsAppliedAgain() {
    apply(Map.of());
    ControlApi.Answer again = apply(Map.of());

    assertThat(again.status()).isEqualTo(202);
    assertThat(again.body().get("outcome").asText()).isEqualTo("unchanged");
    assertThat(files).hasSize(1);
  }

  @Test
  void shouldBeginAgainWithTheSameFileWhenThatIsWanted() {
    apply(Map.of());

    assertThat(ask("POST", "/v1/rollouts", FILE, Map.of("restart", "true"), Map.of()).status())
        .isEqualTo(202);
    assertThat(files).hasSize(2);
  }

  @Test
  void shouldRefuseAFileWhoseCommandOrInputNoBrokerTakes() {
    String comments = FILE + "# " + "x".repeat(700_000) + "\n";

    ControlApi.Answer answer = ask("POST", "/v1/rollouts", comments, Map.of(), Map.of());

    assertThat(answer.status()).isBetween(400, 499);
    assertThat(files).isEmpty();
  }

  @Test
  void shouldRefuseFieldsThatAnActionDoesNotHave() {
    apply(Map.of());

    ControlApi.Answer answer = act("{\"kind\": \"pause\", \"varient\": \"candidate\"}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().at("/error/field").asText()).isEqualTo("varient");
  }

  @Test
  void shouldRefuseAVariantWhereTheWholeRolloutIsConcerned() {
    apply(Map.of());

    for (String kind : List.of("pause", "resume", "abort", "retire")) {
      ControlApi.Answer answer = act("{\"kind\": \"" + kind + "\", \"variant\": \"candidate\"}");
      assertThat(answer.status()).as(kind).isEqualTo(400);
      assertThat(answer.body().at("/error/field").asText()).isEqualTo("variant");
    }
  }

  @Test
  void shouldDeleteARetiredRolloutOnly() {
    apply(Map.of());
    assertThat(ask("DELETE", "/v1/rollouts/assistant", "", Map.of(), Map.of()).status())
        .isEqualTo(409);

    view.add("assistant", command(2, files.getFirst().getRun(), RolloutState.RETIRED, "k"), 0);

    assertThat(ask("DELETE", "/v1/rollouts/assistant", "", Map.of(), Map.of()).status())
        .isEqualTo(200);
    assertThat(deleted).containsExactly("assistant");
    assertThat(ask("GET", "/v1/rollouts/assistant", "", Map.of(), Map.of()).status())
        .isEqualTo(404);
  }

  @Test
  void shouldUnfreezeWhatAFreezePausedAndNothingElse() {
    view.add("assistant", command(1, "run", RolloutState.RUNNING, "k"), 0);
    view.add("paused-by-ann", command(1, "run", RolloutState.PAUSED, "anns-key"), 0);

    ControlApi.Answer freeze = ask("POST", "/v1/freeze", "", Map.of(), Map.of());
    assertThat(freeze.body().get("rollouts").toString()).isEqualTo("[\"assistant\"]");
    view.add("assistant", command(2, "run", RolloutState.PAUSED, "freeze-all-id-1"), 0);

    ControlApi.Answer unfreeze = ask("POST", "/v1/unfreeze", "", Map.of(), Map.of());
    assertThat(unfreeze.body().get("rollouts").toString()).isEqualTo("[\"assistant\"]");
  }

  @Test
  void shouldAnswer400ToAPathThatIsNotPercentEncoded() {
    assertThat(ask("GET", "/v1/rollouts/%zz", "", Map.of(), Map.of()).status()).isEqualTo(400);
  }

  private ControlApi.Answer apply(Map<String, String> headers) {
    return ask("POST", "/v1/rollouts", FILE, Map.of(), headers);
  }

  private ControlApi.Answer act(String body) {
    return ask("POST", "/v1/rollouts/assistant/actions", body, Map.of(), Map.of());
  }

  private ControlApi.Answer ask(
      String method,
      String path,
      String body,
      Map<String, String> query,
      Map<String, String> headers) {
    Map<String, String> all = new java.util.HashMap<>(headers);
    all.put("x-serin-who", "ann");
    return api.answer(new ControlApi.Request(method, path, query, all, body));
  }

  private static List<ControlApi.Answer> atOnce(Callable<ControlApi.Answer> call) throws Exception {
    CountDownLatch all = new CountDownLatch(CALLERS);
    List<Future<ControlApi.Answer>> calls = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CALLERS; i++) {
        calls.add(
            threads.submit(
                () -> {
                  all.countDown();
                  all.await();
                  return call.call();
                }));
      }
    }
    List<ControlApi.Answer> answers = new ArrayList<>();
    for (Future<ControlApi.Answer> each : calls) {
      answers.add(each.get());
    }
    return answers;
  }

  private static Command command(long revision, String run, RolloutState state, String cause) {
    return Command.newBuilder()
        .setRollout("assistant")
        .setRevision(revision)
        .setRun(run)
        .setState(state)
        .setStage(0)
        .setStageName("5%")
        .setVariants(List.of())
        .setSplit(List.of())
        .setSalt(run)
        .setUnit(List.of())
        .setDeadlines(
            Deadlines.newBuilder().setConnect(1).setFirstByte(1).setIdle(1).setTotal(1).build())
        .setLeaseMillis(0)
        .setCause("")
        .setCauseId(cause)
        .setIssuedAt(NOW)
        .build();
  }

  /** Obeys a while after a file was put. */
  private final class SlowController implements ActionLog {
    @Override
    public void put(WantedRollout wanted, ActionRequest audit) {
      files.add(wanted);
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  Thread.sleep(100);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                view.add(wanted.getRollout(), wanted, 0);
                view.add(
                    wanted.getRollout(),
                    command(1, wanted.getRun(), RolloutState.RUNNING, wanted.getRun()),
                    0);
              });
    }

    @Override
    public void put(ActionRequest action) {}

    @Override
    public void delete(String rollout) {
      deleted.add(rollout);
    }

    @Override
    public void close() {}
  }
}
