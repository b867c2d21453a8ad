package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.WantedRollout;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ControlApiTest {
  private static final Instant NOW = Instant.parse("2026-11-02T08:00:00Z");
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;

  private final RolloutView view = new RolloutView();
  private final List<WantedRollout> files = new ArrayList<>();
  private final List<ActionRequest> actions = new ArrayList<>();
  private final ControlApi api =
      new ControlApi(
          view,
          new Wishes() {
            @Override
            public void put(WantedRollout wanted) {
              files.add(wanted);
              view.add(wanted.getRollout(), command(1, wanted.getRun()), 0);
            }

            @Override
            public void put(ActionRequest action) {
              actions.add(action);
            }

            @Override
            public void close() {}
          },
          InstantSource.fixed(NOW),
          () -> "id-" + files.size() + actions.size());

  @Test
  void shouldPutAFileAndSayWhichRevisionServesIt() {
    ControlApi.Answer answer = ask("POST", FILE, "ann");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().get("run").asText()).isEqualTo("id-00");
    assertThat(answer.body().get("revision").asLong()).isEqualTo(1);
    assertThat(files.getFirst().getAppliedBy()).isEqualTo("ann");
    assertThat(files.getFirst().getFile()).isEqualTo(FILE);
  }

  @Test
  void shouldAnswerABadFileWithItsLineAndField() {
    ControlApi.Answer answer = ask("POST", FILE + "alpha: 7\n", "ann");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().get("error").get("line").asInt()).isEqualTo(5);
    assertThat(answer.body().get("error").get("field").asText()).isEqualTo("alpha");
    assertThat(files).isEmpty();
  }

  @Test
  void shouldAskWhoItIs() {
    assertThat(ask("POST", FILE, null).status()).isEqualTo(400);
    assertThat(files).isEmpty();
  }

  @Test
  void shouldPutActionsWithTheirKeys() {
    view.add("assistant", command(7, "run"), 0);

    ControlApi.Answer answer =
        ask(
            "POST",
            "{\"kind\":\"rollback\",\"who\":\"bo\",\"reason\":\"odd answers\",\"expectedRevision\":7,\"idempotencyKey\":\"k\"}",
            null,
            "assistant",
            "actions");

    assertThat(answer.status()).isEqualTo(202);
    ActionRequest action = actions.getFirst();
    assertThat(action.getKind()).isEqualTo(ActionKind.ROLLBACK);
    assertThat(action.getWho()).isEqualTo("bo");
    assertThat(action.getExpectedRevision()).isEqualTo(7);
    assertThat(action.getIdempotencyKey()).isEqualTo("k");
  }

  @Test
  void shouldRefuseWhatCannotBeMeant() {
    view.add("assistant", command(7, "run"), 0);

    assertThat(act("{\"kind\":\"explode\",\"who\":\"bo\"}").status()).isEqualTo(400);
    assertThat(act("{\"kind\":\"pause\",\"who\":\"bo\",\"expectedRevision\":6}").status())
        .isEqualTo(409);
    assertThat(act("{\"kind\":\"pause\"}").status()).isEqualTo(400);
    assertThat(act("pause").status()).isEqualTo(400);
    assertThat(
            ask("POST", "{\"kind\":\"pause\",\"who\":\"bo\"}", null, "other", "actions").status())
        .isEqualTo(404);
    assertThat(ask("DELETE", "", null).status()).isEqualTo(405);
    assertThat(actions).isEmpty();
  }

  @Test
  void shouldShowTheNewestOfEverything() {
    view.add("assistant", command(8, "run"), 0);
    view.add("assistant", command(7, "run"), 0);
    view.add(
        "router-1",
        RouterAck.newBuilder()
            .setRouter("router-1")
            .setIncarnation("i")
            .setAt(NOW)
            .setUrl("http://127.0.0.1:8080")
            .setRevisions(Map.of("assistant", 8L))
            .setTrips(List.of("assistant/candidate", "other/x"))
            .setBacklog(0)
            .setBacklogBytes(0)
            .setDropped(0)
            .build(),
        NOW.minusSeconds(6).toEpochMilli());

    ControlApi.Answer answer = ask("GET", "", null, "assistant");

    assertThat(answer.body().get("revision").asLong()).isEqualTo(8);
    assertThat(answer.body().get("state").asText()).isEqualTo("RUNNING");
    assertThat(answer.body().get("split").get("candidate").asDouble()).isEqualTo(0.05);
    assertThat(answer.body().get("routers").get(0).get("live").asBoolean()).isFalse();
    assertThat(answer.body().get("routers").get(0).get("trips")).hasSize(1);
    assertThat(ask("GET", "", null).body().get("rollouts")).hasSize(1);
    assertThat(ask("GET", "", null, "nobody").status()).isEqualTo(404);
  }

  private ControlApi.Answer act(String body) {
    return ask("POST", body, null, "assistant", "actions");
  }

  private ControlApi.Answer ask(String method, String body, @Nullable String who, String... path) {
    return api.answer(new ControlApi.Request(method, Arrays.asList(path), body, who, null));
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
