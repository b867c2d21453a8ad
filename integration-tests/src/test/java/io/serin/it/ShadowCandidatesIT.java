package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.CacheBehaviour;
import io.serin.rehearsal.model.Latency;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.model.ModelSettings;
import io.serin.rehearsal.recorded.RecordedAnswer;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.Verdict;
import io.serin.schemas.topics.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Five candidates shadowed at once through router, Kafka, worker and controller, each a process of
 * its own: one that refuses, one that breaks JSON, one that is slower and one that answers nothing
 * are each taken out before anybody is served by them, for the reason that is theirs; an equal one
 * leaves shadow. Faults are large, so that it takes minutes; small ones are {@code
 * ShadowPipelineTest} and {@code PairsGateTest}.
 */
@EnabledIfSystemProperty(
    named = "serin.soak",
    matches = "true",
    disabledReason = "takes minutes, and wants a quiet machine: -Dserin.soak=true")
class ShadowCandidatesIT {
  private static final Duration BOUND = Duration.ofMinutes(8);

  /** Clients under way at once: what two cores serve beside five replayed models. */
  private static final int CLIENTS = 24;

  private static final Map<String, String> FAULTS =
      Map.of(
          "refuses", "refusals=20%",
          "breaks", "broken-json=60%",
          "slower", "slow=2x",
          "empty", "empty=20%");
  private static final Map<String, String> REASONS =
      Map.of(
          "refuses", "refuses",
          "breaks", "breaks the JSON",
          "slower", "is slower",
          "empty", "fails or is empty");
  private static final String AS_JSON = "Give me the capital of France as JSON.";
  private static final String IN_WORDS = "What is the capital of France, and why?";

  private final Map<String, AtomicInteger> sent = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> failed = new ConcurrentHashMap<>();

  @Test
  void shouldTakeOutEachRegressionInShadowAndLetAnEqualCandidateGoOn(@TempDir Path data)
      throws Exception {
    List<String> rollouts = new ArrayList<>(FAULTS.keySet());
    rollouts.add("equal");
    try (ModelServers models = models();
        Stack stack =
            Stack.start(
                StackOptions.in(data.resolve("serin")).ports(Ports.ANY).build(),
                event -> System.out.println("[stack] " + event));
        HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String rollout : rollouts) {
        apply(http, stack, rollout, models.urls());
      }
      Map<String, Command> ended = new HashMap<>();
      long from = System.nanoTime();
      Semaphore places = new Semaphore(CLIENTS);
      URI router = stack.routerUrls().getFirst();
      for (int number = 0; ended.size() < rollouts.size(); number++) {
        for (String rollout : rollouts) {
          if (!ended.containsKey(rollout)) {
            int user = number;
            places.acquire();
            clients.execute(() -> ask(http, router, rollout, user, places));
          }
        }
        if (number % 50 == 0) {
          ended(stack, ended, from);
          assertThat(System.nanoTime() - from)
              .as("undecided after %s: %s of %s", BOUND, ended.keySet(), sent)
              .isLessThan(BOUND.toNanos());
        }
      }
      places.acquire(CLIENTS);
      assertOutcomes(stack, ended);
      assertReport(stack);
    }
  }

  private void assertOutcomes(Stack stack, Map<String, Command> ended) throws Exception {
    List<Command> commands = Records.all(stack.kafka(), Topics.COMMANDS);
    List<RolloutEvent> events = Records.all(stack.kafka(), Topics.EVENTS);
    List<Verdict> verdicts = Records.all(stack.kafka(), Topics.VERDICTS);
    for (String rollout : FAULTS.keySet()) {
      Command last = Objects.requireNonNull(ended.get(rollout), rollout);
      assertThat(last.getState()).as(rollout).isEqualTo(RolloutState.ROLLED_BACK);
      assertThat(commands)
          .filteredOn(command -> command.getRollout().equals(rollout))
          .as("%s was never given to anybody", rollout)
          .allSatisfy(
              command ->
                  assertThat(command.getSplit())
                      .allMatch(slice -> slice.getVariant().equals("control")));
      assertThat(events)
          .filteredOn(
              event ->
                  event.getRollout().equals(rollout) && event.getKind() == EventKind.ROLLED_BACK)
          .first()
          .satisfies(
              event -> {
                System.out.println("[shadow] " + rollout + ": " + event.getText());
                assertThat(event.getText()).contains("in shadow", REASONS.get(rollout));
              });
    }
    Command equal = Objects.requireNonNull(ended.get("equal"), "equal");
    assertThat(equal.getState()).isEqualTo(RolloutState.RUNNING);
    assertThat(equal.getStage()).isEqualTo(1);
    Map<String, Verdict> newest = new HashMap<>();
    for (Verdict verdict : verdicts) {
      if (verdict.getEvidence().containsKey("plannedPairs")) {
        newest.put(verdict.getRollout(), verdict);
      }
    }
    newest.forEach(
        (rollout, verdict) ->
            System.out.println(
                "[shadow] "
                    + rollout
                    + ": last verdict at "
                    + verdict.getEvidence().get("pairs")
                    + " pairs of "
                    + verdict.getEvidence().get("plannedPairs")
                    + " announced"));
    System.out.println("[shadow] requests sent: " + sent);
    assertThat(failed).as("no client noticed any of it").isEmpty();
  }

  /** What a person reads of the pairs: by the same stack, as a user asks for it. */
  private static void assertReport(Stack stack) throws Exception {
    Serin.Run run =
        Serin.run(
            60,
            "shadow",
            "compare",
            "refuses",
            "--kafka",
            stack.kafka().bootstrap(),
            "--registry",
            stack.kafka().registryUrl());

    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.standardOutput())
        .containsPattern("refused .*worse")
        .contains("refuses where control does not")
        .contains(AS_JSON)
        .doesNotContain("[text not kept]");
    // Each example can be found again by its id.
    String first =
        run.standardOutput().split("\\n 1\\. ", 2)[1].split(": the candidate", 2)[0].strip();
    assertThat(Records.<ShadowResult>all(stack.kafka(), Topics.SHADOW_RESULTS))
        .anyMatch(result -> result.getRequestId().equals(first));
  }

  private static void ended(Stack stack, Map<String, Command> ended, long from) {
    for (Command command : Records.<Command>all(stack.kafka(), Topics.COMMANDS)) {
      boolean over =
          switch (command.getState()) {
            case RUNNING, PAUSED, FROZEN, UNKNOWN -> command.getStage() > 0;
            case ROLLED_BACK, PROMOTED, ABORTED, RETIRED, FAILED -> true;
          };
      if (over && ended.putIfAbsent(command.getRollout(), command) == null) {
        System.out.println(
            "[shadow] "
                + command.getRollout()
                + ": "
                + command.getState()
                + " after "
                + Duration.ofNanos(System.nanoTime() - from).toSeconds()
                + " s: "
                + command.getCause());
      }
    }
  }

  private void ask(HttpClient http, URI router, String rollout, int user, Semaphore places) {
    boolean json = user % 2 == 0;
    String body =
        "{\"model\":\"%s\",%s\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(
                rollout,
                json ? "\"response_format\":{\"type\":\"json_object\"}," : "",
                json ? AS_JSON : IN_WORDS);
    try {
      int status =
          http.send(
                  HttpRequest.newBuilder(router.resolve("/v1/chat/completions"))
                      .header("content-type", "application/json")
                      .header("x-user-id", "user-" + user)
                      .timeout(Duration.ofSeconds(30))
                      .POST(BodyPublishers.ofString(body))
                      .build(),
                  BodyHandlers.discarding())
              .statusCode();
      count(status == 200 ? sent : failed, rollout);
    } catch (Exception e) {
      count(failed, rollout);
    } finally {
      places.release();
    }
  }

  private static void count(Map<String, AtomicInteger> counts, String rollout) {
    counts.computeIfAbsent(rollout, ignored -> new AtomicInteger()).incrementAndGet();
  }

  private static void apply(HttpClient http, Stack stack, String rollout, Map<String, URI> models)
      throws Exception {
    String yaml =
        """
        rollout: %s
        unit: [header:x-user-id]
        variants:
          control:   {url: %s/v1}
          candidate: {url: %s/v1}
        shadow: {sample: 1.0, controlReplay: 1.0, maxConcurrency: 8, budget: {requestsPerSecond: 0}}
        stages:
          - {shadow: true, for: 5s}
          - {weight: 5%%, for: 1h}
        """
            .formatted(rollout, models.get("control"), models.get(rollout));
    URI api = stack.controlUrl().orElseThrow().resolve("/v1/rollouts?restart=true");
    Loop.until(
        "the control API takes " + rollout,
        () ->
            http.send(
                        HttpRequest.newBuilder(api)
                            .header("x-serin-who", "integration-test")
                            .POST(BodyPublishers.ofString(yaml))
                            .build(),
                        BodyHandlers.discarding())
                    .statusCode()
                == 202);
    URI router = stack.routerUrls().getFirst().resolve("/v1/chat/completions");
    Loop.until(
        "the router serves " + rollout,
        () ->
            http.send(
                        HttpRequest.newBuilder(router)
                            .header("content-type", "application/json")
                            .POST(
                                BodyPublishers.ofString(
                                    "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                                        .formatted(rollout)))
                            .build(),
                        BodyHandlers.discarding())
                    .statusCode()
                == 200);
  }

  private static ModelServers models() {
    RecordedAnswers recorded =
        new RecordedAnswers(
            List.of(
                new RecordedAnswer(AS_JSON, "{\"capital\": \"Paris\"}"),
                new RecordedAnswer(
                    IN_WORDS,
                    "It is Paris, since kings and parliaments sat there for a thousand years.")));
    List<ModelServers.Variant> variants = new ArrayList<>();
    List<ScheduledFault> faults = new ArrayList<>();
    long seed = 1;
    for (String name : List.of("control", "equal", "refuses", "breaks", "slower", "empty")) {
      variants.add(
          new ModelServers.Variant(
              new ModelSettings(
                  name, Latency.parse("lognormal:60ms,0.2"), 0, 8, CacheBehaviour.DEFAULT, seed++),
              recorded,
              0));
      String fault = FAULTS.get(name);
      if (fault != null) {
        faults.add(ScheduledFault.parse(name + ":" + fault + "@0s"));
      }
    }
    return ModelServers.start("127.0.0.1", variants, faults, true, InstantSource.system());
  }
}
