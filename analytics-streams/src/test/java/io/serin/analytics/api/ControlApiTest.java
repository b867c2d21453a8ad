package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.analytics.view.RolloutMetrics;
import io.serin.analytics.view.RolloutView;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlApiTest {
  private static final Instant NOW = Instant.parse("2026-11-02T08:00:00Z");
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;

  private static final String OPERATOR = "operator-token-1";
  private static final String VIEWER = "viewer-token-0001";

  private final RolloutView view = new RolloutView();
  private final List<WantedRollout> files = new ArrayList<>();
  private final List<ActionRequest> actions = new ArrayList<>();
  private final List<String> deleted = new ArrayList<>();
  private final JsonSchemaFactory schemas =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private @Nullable String refusal;
  private ControlApi api = api(Tokens.none());

  /** An API whose controller acts at once. */
  private ControlApi api(Tokens tokens) {
    return new ControlApi(
        view,
        new ActionLog() {
          @Override
          public void put(WantedRollout wanted, ActionRequest audit) {
            files.add(wanted);
            actions.add(audit);
            view.add(wanted.getRollout(), audit, 0);
            view.add(wanted.getRollout(), wanted, 0);
            view.add(wanted.getRollout(), command(files.size(), wanted.getRun()), 0);
          }

          @Override
          public void put(ActionRequest action) {
            actions.add(action);
            view.add(action.getRollout(), action, 0);
            view.add(action.getRollout(), event(action), 0);
          }

          @Override
          public void delete(String rollout) {
            deleted.add(rollout);
          }

          @Override
          public void close() {}
        },
        tokens,
        InstantSource.fixed(NOW),
        () -> "id-" + files.size() + actions.size(),
        () -> true);
  }

  private RolloutEvent event(ActionRequest action) {
    String why = refusal;
    return event(
        why == null ? EventKind.PAUSED : EventKind.ACTION_REFUSED,
        NOW,
        why == null ? "Done." : why,
        Map.of("idempotencyKey", action.getIdempotencyKey()));
  }

  // --- files ---

  @Test
  void shouldPutAFileAndSayWhichRevisionServesIt() {
    ControlApi.Answer answer = apply(FILE, "x-serin-who", "ann", "x-serin-reason", "first");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().get("run").asText()).isEqualTo("id-00");
    assertThat(answer.body().get("revision").asLong()).isEqualTo(1);
    assertThat(answer.body().get("outcome").asText()).isEqualTo("done");
    assertThat(files.getFirst().getAppliedBy()).isEqualTo("ann");
    assertThat(files.getFirst().getFile()).isEqualTo(FILE);
  }

  @Test
  void shouldAuditAnApplyWithWhoWhyAndWhatItChanged() {
    apply(FILE, "x-serin-who", "ann", "x-serin-reason", "first");
    restart(FILE + "alpha: 0.05\n", "x-serin-who", "bo", "x-serin-reason", "sooner");

    assertThat(actions).extracting(ActionRequest::getKind).containsOnly(ActionKind.APPLY);
    assertThat(actions.getFirst().getDiff()).as("nothing to compare with").isNull();
    ActionRequest second = actions.get(1);
    assertThat(second.getWho()).isEqualTo("bo");
    assertThat(second.getReason()).isEqualTo("sooner");
    assertThat(second.getRun()).isEqualTo(files.get(1).getRun());
    assertThat(second.getDiff()).isEqualTo("~ alpha: 0.01 → 0.05");
  }

  @Test
  void shouldAnswerABadFileWithItsLineFieldValueAndRule() {
    ControlApi.Answer answer = apply(FILE + "alpha: 7\n", "x-serin-who", "ann");

    assertThat(answer.status()).isEqualTo(400);
    JsonNode error = answer.body().get("error");
    assertThat(error.get("line").asInt()).isEqualTo(5);
    assertThat(error.get("field").asText()).isEqualTo("alpha");
    assertThat(error.get("value").asText()).isEqualTo("7");
    assertThat(error.get("rule").asText()).startsWith("is not a percentage");
    assertThat(files).isEmpty();
  }

  @Test
  void shouldAskWhoItIs() {
    assertThat(apply(FILE).status()).isEqualTo(400);
    assertThat(files).isEmpty();
  }

  @Test
  void shouldApplyOnceWhatComesTwiceWithOneKey() {
    ControlApi.Answer first = apply(FILE, "x-serin-who", "ann", "idempotency-key", "build-7");
    ControlApi.Answer second = apply(FILE, "x-serin-who", "ann", "idempotency-key", "build-7");

    assertThat(files).hasSize(1);
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.body().get("run")).isEqualTo(first.body().get("run"));
    assertThat(second.body().get("repeated").asBoolean()).isTrue();
  }

  @Test
  void shouldRefuseAFileThatExpectsAnotherRevision() {
    apply(FILE, "x-serin-who", "ann");

    assertThat(apply(FILE, "x-serin-who", "bo", "x-serin-expected-revision", "0").status())
        .isEqualTo(409);
    assertThat(apply(FILE, "x-serin-who", "bo", "x-serin-expected-revision", "1").status())
        .isEqualTo(202);
  }

  @Test
  void shouldValidateAndCompareWithoutEffect() {
    apply(FILE, "x-serin-who", "ann");

    ControlApi.Answer valid = ask("POST", "/v1/validate", FILE);
    ControlApi.Answer diff =
        ask(
            "POST",
            "/v1/diff",
            FILE.replace("8102/v1}", "8103/v1, headers: {x-key: secret}}") + "lease: 10m\n");

    assertThat(valid.body().at("/fields/alpha").asText()).isEqualTo("0.01");
    assertThat(ask("POST", "/v1/validate", FILE + "x: 1").status()).isEqualTo(400);
    assertThat(diff.body().get("changes"))
        .extracting(change -> change.get("field").asText())
        .containsExactly("lease", "variants.candidate.headers.x-key", "variants.candidate.url");
    assertThat(diff.body().toString()).contains("(hidden)").doesNotContain("secret");
    assertThat(ask("POST", "/v1/diff", FILE).body().get("changes")).isEmpty();
    assertThat(files).hasSize(1);
  }

  @Test
  void shouldSayWhatANewRunWouldDoToOneThatHasNotEndedAndWantRestart() {
    String other = FILE + "stages: [{weight: 25%, for: 1h}]\n";
    for (RolloutState state :
        List.of(
            RolloutState.RUNNING,
            RolloutState.PAUSED,
            RolloutState.FROZEN,
            RolloutState.PROMOTED)) {
      restart(FILE, "x-serin-who", "ann");
      stand(state);
      int before = files.size();

      ControlApi.Answer refused = apply(other, "x-serin-who", "bo");

      assertThat(refused.status()).as(state.name()).isEqualTo(409);
      assertThat(refused.body().at("/error/field").asText()).isEqualTo("restart");
      assertThat(refused.body().at("/error/message").asText())
          .startsWith("assistant is " + state)
          .contains("a new run would begin in stage 25%")
          // 95 % · 25 % to the candidate, 5 % · 75 % to control.
          .contains("about 28% of units would move")
          .contains("--restart");
      assertThat(files).as(state.name()).hasSize(before);
      assertThat(ask("POST", "/v1/diff", other).body().get("effect").asText())
          .contains("about 28% of units");
      assertThat(restart(other, "x-serin-who", "bo").status()).isEqualTo(202);
      assertThat(files).hasSize(before + 1);
    }
  }

  @Test
  void shouldBeginANewRunWithoutAQuestionWhereTheLastHasEnded() {
    for (RolloutState state :
        List.of(
            RolloutState.ROLLED_BACK,
            RolloutState.ABORTED,
            RolloutState.RETIRED,
            RolloutState.FAILED)) {
      restart(FILE, "x-serin-who", "ann");
      stand(state);
      int before = files.size();

      assertThat(apply(FILE, "x-serin-who", "ann").body().get("outcome").asText())
          .isEqualTo("done");
      assertThat(files).as(state.name()).hasSize(before + 1);
    }
  }

  @Test
  void shouldNotKeepARevisionForAFileThatWasRefused() {
    apply(FILE, "x-serin-who", "ann");
    String other = FILE + "alpha: 0.05\n";

    assertThat(apply(other, "x-serin-who", "bo", "x-serin-expected-revision", "1").status())
        .isEqualTo(409);
    assertThat(restart(other, "x-serin-who", "bo", "x-serin-expected-revision", "1").status())
        .isEqualTo(202);
  }

  /** The newest run is in this state from now on. */
  private void stand(RolloutState state) {
    Command command = command(files.size(), files.getLast().getRun());
    command.setState(state);
    view.add("assistant", command, 0);
  }

  @Test
  void shouldPassTheFreezeThatStandsToFilesThatAreAppliedMeanwhile() {
    ask("POST", "/v1/freeze", "", Map.of(), Map.of("x-serin-who", "ann", "x-serin-reason", "q4"));

    JsonNode frozen = ask("GET", "/v1/rollouts", "").body().get("frozen");
    assertThat(frozen.get("who").asText()).isEqualTo("ann");
    assertThat(frozen.get("reason").asText()).isEqualTo("q4");
    assertThat(apply(FILE, "x-serin-who", "bo").body().get("frozen").asBoolean()).isTrue();
    assertThat(files.getLast().getFrozenBy())
        .isEqualTo(actions.getFirst().getIdempotencyKey())
        .startsWith("freeze-all-");

    ask("POST", "/v1/unfreeze", "", Map.of(), Map.of("x-serin-who", "ann"));

    assertThat(ask("GET", "/v1/rollouts", "").body().has("frozen")).isFalse();
    assertThat(restart(FILE, "x-serin-who", "bo").body().has("frozen")).isFalse();
    assertThat(files.getLast().getFrozenBy()).isNull();
  }

  // --- actions ---

  @Test
  void shouldPutActionsWithTheirKeysAndSayWhatCameOfThem() {
    serve(7);

    ControlApi.Answer answer =
        act(
            "{\"kind\":\"rollback\",\"who\":\"bo\",\"reason\":\"odd"
                + " answers\",\"expectedRevision\":7,\"idempotencyKey\":\"k\"}");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().get("outcome").asText()).isEqualTo("done");
    ActionRequest action = actions.getFirst();
    assertThat(action.getKind()).isEqualTo(ActionKind.ROLLBACK);
    assertThat(action.getWho()).isEqualTo("bo");
    assertThat(action.getExpectedRevision()).isEqualTo(7);
    assertThat(action.getIdempotencyKey()).isEqualTo("k");
  }

  @Test
  void shouldPassOnWhatTheControllerRefuses() {
    serve(7);
    refusal = "Refused: RESUME: it is RUNNING.";

    ControlApi.Answer answer = act("{\"kind\":\"resume\",\"who\":\"bo\"}");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.body().at("/error/message").asText()).isEqualTo(refusal);
  }

  @Test
  void shouldActOnceOnWhatComesTwiceWithOneKey() {
    serve(7);
    String pause = "{\"kind\":\"pause\",\"who\":\"bo\",\"idempotencyKey\":\"k\"}";

    act(pause);

    assertThat(act(pause).body().get("repeated").asBoolean()).isTrue();
    assertThat(actions).hasSize(1);
    assertThat(act(pause.replace("pause", "abort")).status()).isEqualTo(409);
  }

  @Test
  void shouldRefuseWhatCannotBeMeant() {
    serve(7);

    assertThat(act("{\"kind\":\"explode\",\"who\":\"bo\"}").status()).isEqualTo(400);
    assertThat(act("{\"kind\":\"pause\",\"who\":\"bo\",\"expectedRevision\":6}").status())
        .isEqualTo(409);
    assertThat(act("{\"kind\":\"pause\",\"who\":\"bo\",\"expectedRevision\":8}").status())
        .isEqualTo(409);
    assertThat(act("{\"kind\":\"pause\"}").status()).isEqualTo(400);
    assertThat(act("pause").status()).isEqualTo(400);
    assertThat(
            ask("POST", "/v1/rollouts/other/actions", "{\"kind\":\"pause\",\"who\":\"bo\"}")
                .status())
        .isEqualTo(404);
    assertThat(ask("DELETE", "/v1/rollouts", "").status()).isEqualTo(405);
    assertThat(ask("GET", "/v1/nothing", "").status()).isEqualTo(404);
    assertThat(actions).isEmpty();
  }

  // --- who may ---

  @Test
  void shouldLetTokensDecideWhoMayAndWhoItWas(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tokens");
    Files.writeString(file, "operator ann " + OPERATOR + "\nviewer bo " + VIEWER + "\n");
    api = api(Tokens.of(file));
    serve(7);
    String pause = "{\"kind\":\"pause\",\"who\":\"somebody else\"}";

    assertThat(ask("GET", "/v1/rollouts", "").status()).isEqualTo(401);
    assertThat(as("wrong-token-00001", "GET", "/v1/rollouts", "").status()).isEqualTo(401);
    assertThat(as(VIEWER, "GET", "/v1/rollouts/assistant", "").status()).isEqualTo(200);
    assertThat(as(VIEWER, "POST", "/v1/validate", FILE).status()).isEqualTo(200);
    assertThat(as(VIEWER, "POST", "/v1/rollouts", FILE).status()).isEqualTo(403);
    assertThat(as(VIEWER, "POST", "/v1/rollouts/assistant/actions", pause).status()).isEqualTo(403);
    assertThat(actions).isEmpty();
    assertThat(as(OPERATOR, "POST", "/v1/rollouts/assistant/actions", pause).status())
        .isEqualTo(202);
    assertThat(actions.getFirst().getWho()).as("the token's name counts").isEqualTo("ann");
    assertThat(as(OPERATOR, "POST", "/v1/rollouts", FILE).status()).isEqualTo(202);
    assertThat(files.getFirst().getAppliedBy()).isEqualTo("ann");
    assertThat(ask("GET", "/v1/openapi.json", "").status()).as("hides nothing").isEqualTo(200);
  }

  // --- what is shown ---

  @Test
  void shouldShowTheNewestOfEverything() {
    serve(8);
    serve(7);
    hear("router-1", 8, NOW.minusSeconds(6));
    hear("router-2", 7, NOW);
    hear("router-3", 8, NOW);

    JsonNode shown = ask("GET", "/v1/rollouts/assistant", "").body();

    assertThat(shown.get("revision").asLong()).isEqualTo(8);
    assertThat(shown.get("state").asText()).isEqualTo("RUNNING");
    assertThat(shown.get("split").get("candidate").asDouble()).isEqualTo(0.05);
    assertThat(shown.get("routers"))
        .extracting(
            router -> router.get("live").asBoolean(), router -> router.get("serves").asBoolean())
        .containsExactly(tuple(false, false), tuple(true, false), tuple(true, true));
    assertThat(shown.get("routers").get(0).get("trips")).hasSize(1);
    assertThat(ask("GET", "/v1/rollouts/nobody", "").status()).isEqualTo(404);
  }

  @Test
  void shouldSayWhatHappensNext() {
    apply(FILE + "stages: [{weight: 5%, for: 2h}, {weight: 50%, for: 1d}]\n", "x-serin-who", "ann");
    RolloutEvent entered =
        event(
            EventKind.STAGE_ENTERED,
            NOW.minus(Duration.ofMinutes(30)),
            "Stage 5% begins.",
            Map.of());
    entered.setRun(files.getFirst().getRun());
    view.add("assistant", entered, 0);

    JsonNode shown = ask("GET", "/v1/rollouts/assistant", "").body();

    assertThat(shown.get("next").get(0).asText()).isEqualTo("in 90 min at the earliest: stage 50%");
    assertThat(shown.get("stages"))
        .extracting(stage -> stage.get("is").asText())
        .containsExactly("current", "ahead");
    assertThat(shown.get("appliedBy").asText()).isEqualTo("ann");
  }

  /** A pause is no watched time: the stage ends later by as much. */
  @Test
  void shouldCountWatchedTimeOnlyTowardsTheNextStage() {
    apply(
        FILE + "stages: [{weight: 5%, for: 90s}, {weight: 50%, for: 1d}]\n", "x-serin-who", "ann");
    String run = files.getFirst().getRun();
    RolloutEvent entered =
        event(EventKind.STAGE_ENTERED, NOW.minusSeconds(80), "Stage 5% begins.", Map.of());
    entered.setRun(run);
    view.add("assistant", entered, 0);
    Verdict report = verdict("v1", Decision.CONTINUE, NOW.minusSeconds(50));
    report.setRun(run);
    report.setStage(0);
    report.setEvidence(Map.of("moreTimeMillis", 60_000.0));
    view.add("assistant", report, 0);
    RolloutEvent resumed =
        event(EventKind.RESUMED, NOW.minusSeconds(20), "Resumed by ann.", Map.of());
    resumed.setRun(run);
    view.add("assistant", resumed, 0);

    JsonNode shown = ask("GET", "/v1/rollouts/assistant", "").body();

    assertThat(shown.get("next").get(0).asText()).isEqualTo("in 40 s at the earliest: stage 50%");
  }

  @Test
  void shouldListPageByPage() {
    for (String name : List.of("a", "b", "c")) {
      view.add(name, named(command(1, "run"), name), 0);
    }

    JsonNode first = ask("GET", "/v1/rollouts", "", Map.of("limit", "2")).body();
    JsonNode second =
        ask("GET", "/v1/rollouts", "", Map.of("after", first.get("next").asText())).body();

    assertThat(first.get("rollouts")).hasSize(2);
    assertThat(second.get("rollouts"))
        .extracting(rollout -> rollout.get("rollout").asText())
        .containsExactly("c");
    assertThat(second.has("next")).isFalse();
    assertThat(ask("GET", "/v1/rollouts", "", Map.of("limit", "0")).status()).isEqualTo(400);
    assertThat(ask("GET", "/v1/rollouts", "", Map.of("limit", "1001")).status()).isEqualTo(400);
  }

  @Test
  void shouldExplainEachStepWithItsEvidence() {
    serve(3);
    view.add("assistant", verdict("v1", Decision.CONTINUE, NOW.minusSeconds(30)), 0);
    view.add(
        "assistant",
        event(EventKind.STAGE_ENTERED, NOW.minusSeconds(25), "Stage 25% begins.", Map.of()),
        0);
    view.add("assistant", verdict("v2", Decision.ROLLBACK, NOW), 0);
    view.add(
        "assistant", event(EventKind.ROLLED_BACK, NOW, "Rolled back.", Map.of("causeId", "v2")), 0);
    act("{\"kind\":\"retire\",\"who\":\"bo\",\"reason\":\"over\"}");

    JsonNode history = ask("GET", "/v1/rollouts/assistant/history", "").body();

    assertThat(history.get("entries"))
        .extracting(entry -> entry.get("kind").asText())
        .startsWith("STAGE_ENTERED")
        .contains("ROLLED_BACK", "RETIRE");
    JsonNode entered = history.get("entries").get(0);
    assertThat(entered.at("/evidence/0/verdict").asText()).isEqualTo("v1");
    for (JsonNode entry : history.get("entries")) {
      if (entry.get("kind").asText().equals("ROLLED_BACK")) {
        assertThat(entry.get("evidence")).hasSize(1);
        assertThat(entry.at("/evidence/0/verdict").asText()).isEqualTo("v2");
        assertThat(entry.at("/evidence/0/logE").asDouble()).isEqualTo(7.5);
      }
    }
    JsonNode newest = ask("GET", "/v1/rollouts/assistant/history", "", Map.of("limit", "1")).body();
    assertThat(newest.get("next").asText()).isEqualTo(NOW.toString());
    JsonNode earlier =
        ask(
                "GET",
                "/v1/rollouts/assistant/history",
                "",
                Map.of("before", newest.get("next").asText()))
            .body();
    assertThat(earlier.get("entries")).hasSize(1);
    assertThat(earlier.has("next")).isFalse();
    assertThat(ask("GET", "/v1/rollouts/assistant/history", "", Map.of("before", "now")).status())
        .isEqualTo(400);
  }

  @Test
  void shouldListWhatHappensNextAndTheGuardNearestToFiring() {
    serve(3);
    view.add("assistant", verdict("v1", Decision.ROLLBACK, NOW), 0);
    view.add("assistant", event(EventKind.HELD, NOW, "Waits for evidence.", Map.of()), 0);

    JsonNode row = ask("GET", "/v1/rollouts", "").body().at("/rollouts/0");

    assertThat(row.at("/guard/metric").asText()).isEqualTo("error.rate");
    assertThat(row.at("/guard/logE").asDouble()).isEqualTo(7.5);
    assertThat(row.at("/lastEvent/text").asText()).isEqualTo("Waits for evidence.");
    assertThat(row.has("next")).isTrue();
    assertThat(row.path("control").asText()).isEqualTo("control");
  }

  @Test
  void shouldShowTheFileAsItWasWritten() {
    assertThat(ask("GET", "/v1/rollouts/assistant/file", "").status()).isEqualTo(404);
    apply(FILE, "x-serin-who", "ann");

    JsonNode file = ask("GET", "/v1/rollouts/assistant/file", "").body();

    assertThat(file.get("file").asText()).isEqualTo(FILE);
    assertThat(file.get("appliedBy").asText()).isEqualTo("ann");
  }

  @Test
  void shouldThinEvidenceButKeepTheNewestAndWhatChangedADecision() {
    serve(3);
    for (int i = 0; i < 1_000; i++) {
      Decision decision = i == 333 ? Decision.FREEZE : Decision.CONTINUE;
      view.add("assistant", verdict("v" + i, decision, NOW.plusSeconds(i)), 0);
    }

    JsonNode guard =
        ask("GET", "/v1/rollouts/assistant/evidence", "", Map.of("limit", "50"))
            .body()
            .at("/guards/0");

    assertThat(guard.get("at")).hasSizeBetween(50, 53);
    assertThat(guard.get("logE")).hasSameSizeAs(guard.get("at"));
    assertThat(guard.get("candidateEstimate")).hasSameSizeAs(guard.get("at"));
    assertThat(guard.get("at").get(guard.get("at").size() - 1).asLong())
        .isEqualTo(NOW.plusSeconds(999).toEpochMilli());
    assertThat(guard.get("decision")).extracting(JsonNode::asText).contains("FREEZE");
    assertThat(ask("GET", "/v1/rollouts/assistant/evidence", "", Map.of("limit", "no")).status())
        .isEqualTo(400);
  }

  @Test
  void shouldWatchTheListByItsChangedRowsOnly() {
    for (String name : List.of("a", "b", "c")) {
      view.add(name, named(command(1, "run"), name), 0);
    }
    JsonNode before = ask("GET", "/v1/rollouts", "").body();
    view.add("b", named(command(2, "run"), "b"), 0);
    view.delete("c");
    JsonNode now = ask("GET", "/v1/rollouts", "").body();

    JsonNode changes = Watching.changes(before, now);

    assertThat(changes.get("rollouts"))
        .extracting(row -> row.get("rollout").asText())
        .containsExactly("b");
    assertThat(changes.get("gone")).extracting(JsonNode::asText).containsExactly("c");
    assertThat(changes.get("frozen").isNull()).isTrue();
  }

  @Test
  void shouldMeasureWhatARolloutDoes() {
    serve(3);
    view.add("assistant", verdict("v1", Decision.ROLLBACK, NOW.minusSeconds(7)), 0);
    hear("router-1", 3, NOW);
    hear("router-2", 2, NOW);
    for (String millis : List.of("4000", "116")) {
      view.add(
          "assistant",
          event(EventKind.ROLLBACK_CONFIRMED, NOW, "Done.", Map.of("millisFromDecision", millis)),
          0);
    }
    view.add("over", named(retired(), "over"), 0);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    new RolloutMetrics(registry, view, InstantSource.fixed(NOW)).refresh();

    assertThat(registry.scrape())
        .contains("serin_rollout_state{rollout=\"assistant\",state=\"running\"} 1.0")
        .contains("serin_rollout_evidence_age_seconds{rollout=\"assistant\"} 7.0")
        .contains("serin_rollout_rollback_seconds{rollout=\"assistant\"} 0.116")
        .contains("serin_rollout_routers{rollout=\"assistant\",state=\"newest\"} 1.0")
        .contains("serin_rollout_routers{rollout=\"assistant\",state=\"behind\"} 1.0")
        .contains(
            "serin_guard_evidence{candidate=\"candidate\",metric=\"error.rate\",rollout=\"assistant\"} 7.5")
        .contains("decision=\"rollback\"")
        .doesNotContain("rollout=\"over\"");
  }

  private static Command retired() {
    Command command = command(1, "run");
    command.setState(RolloutState.RETIRED);
    return command;
  }

  // --- the scene ---

  private void serve(long revision) {
    view.add("assistant", command(revision, "run"), 0);
  }

  private void hear(String router, long revision, Instant at) {
    view.add(
        router,
        RouterAck.newBuilder()
            .setRouter(router)
            .setIncarnation("i")
            .setAt(at)
            .setUrl("http://127.0.0.1:8080")
            .setRevisions(Map.of("assistant", revision))
            .setTrips(List.of("assistant/candidate", "other/x"))
            .setBacklog(0)
            .setBacklogBytes(0)
            .setDropped(0)
            .build(),
        at.toEpochMilli());
  }

  private ControlApi.Answer apply(String file, String... headers) {
    return apply(Map.of(), file, headers);
  }

  private ControlApi.Answer restart(String file, String... headers) {
    return apply(Map.of("restart", "true"), file, headers);
  }

  private ControlApi.Answer apply(Map<String, String> query, String file, String... headers) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      all.put(headers[i], headers[i + 1]);
    }
    return ask("POST", "/v1/rollouts", file, query, all);
  }

  private ControlApi.Answer act(String body) {
    return ask("POST", "/v1/rollouts/assistant/actions", body);
  }

  private ControlApi.Answer as(String token, String method, String path, String body) {
    return ask(method, path, body, Map.of(), Map.of("authorization", "Bearer " + token));
  }

  private ControlApi.Answer ask(String method, String path, String body) {
    return ask(method, path, body, Map.of());
  }

  private ControlApi.Answer ask(
      String method, String path, String body, Map<String, String> query) {
    return ask(method, path, body, query, Map.of());
  }

  /** Whatever is answered keeps to the document. */
  private ControlApi.Answer ask(
      String method,
      String path,
      String body,
      Map<String, String> query,
      Map<String, String> headers) {
    ControlApi.Answer answer =
        api.answer(new ControlApi.Request(method, path, query, headers, body));
    JsonNode document = ApiDocumentTest.read();
    String schema = "#/components/schemas/Error";
    if (answer.status() < 300) {
      Route route = route(method, path);
      JsonNode response =
          document
              .path("paths")
              .path(route.template())
              .path(method.toLowerCase(Locale.ROOT))
              .path("responses")
              .path(Integer.toString(answer.status()));
      assertThat(response.isMissingNode()).as(path + " " + answer.status()).isFalse();
      schema = response.at("/content/application~1json/schema/$ref").asText("");
    }
    if (!schema.isEmpty()) {
      ObjectNode wanted = ((ObjectNode) document.deepCopy()).put("$ref", schema);
      assertThat(schemas.getSchema(wanted).validate(answer.body())).as(schema).isEmpty();
    }
    return answer;
  }

  private static Route route(String method, String path) {
    try {
      return Route.of(method, path).route();
    } catch (ApiError e) {
      throw new AssertionError(e);
    }
  }

  private static RolloutEvent event(
      EventKind kind, Instant at, String text, Map<String, String> details) {
    return RolloutEvent.newBuilder()
        .setRollout("assistant")
        .setRun("run")
        .setRevision(1)
        .setStage(0)
        .setStageName("5%")
        .setKind(kind)
        .setAt(at)
        .setText(text)
        .setDetails(details)
        .build();
  }

  private static Verdict verdict(String id, Decision decision, Instant at) {
    return Verdict.newBuilder()
        .setId(id)
        .setRollout("assistant")
        .setRun("run")
        .setRevision(3)
        .setStage(0)
        .setCandidate("candidate")
        .setMetric("error.rate")
        .setDecision(decision)
        .setAt(at)
        .setInputNumber(1)
        .setLogE(7.5)
        .setThreshold(6.9)
        .setAlpha(0.01)
        .setWeight(0.5)
        .setMargin(0)
        .setCandidateUnits(10)
        .setControlUnits(90)
        .setCandidateEvents(8)
        .setControlEvents(1)
        .setStrata(List.of())
        .setEvidence(Map.of())
        .setText("errors")
        .build();
  }

  private static Command named(Command command, String rollout) {
    command.setRollout(rollout);
    return command;
  }

  private static Command command(long revision, String run) {
    return Command.newBuilder()
        .setRollout("assistant")
        .setRevision(revision)
        .setRun(run)
        .setState(RolloutState.RUNNING)
        .setStage(0)
        .setStageName("5%")
        .setVariants(
            List.of(
                VariantTarget.newBuilder()
                    .setName("control")
                    .setRole(VariantRole.CONTROL)
                    .setUrl("http://localhost:8101/v1")
                    .build(),
                VariantTarget.newBuilder()
                    .setName("candidate")
                    .setRole(VariantRole.CANDIDATE)
                    .setUrl("http://localhost:8102/v1")
                    .build()))
        .setSplit(List.of(new Slice("control", 0, 9_500), new Slice("candidate", 9_500, 10_000)))
        .setSalt(run)
        .setUnit(List.of("body:user"))
        .setDeadlines(new Deadlines(1, 1, 1, 1))
        .setLeaseMillis(0)
        .setCause("applied")
        .setIssuedAt(NOW)
        .build();
  }
}
