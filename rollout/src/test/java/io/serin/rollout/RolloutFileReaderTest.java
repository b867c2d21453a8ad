package io.serin.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.serin.rollout.value.Pin;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutFileReaderTest {
  private static final String SHORTEST =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1, model: gpt-3.5-turbo-1106}
        candidate: {url: http://localhost:8102/v1, model: gpt-4o-mini}
      """;

  @Test
  void shouldFillInTheSafePipeline() throws RolloutFileException {
    RolloutFile file = RolloutFileReader.read(SHORTEST);

    assertThat(file.stages())
        .extracting(Stage::name)
        .containsExactly("shadow", "5%", "25%", "50%", "100%");
    assertThat(file.stages().getLast().bake()).isEqualTo(Duration.ofDays(1));
    assertThat(file.guards()).isEqualTo(Guard.DEFAULTS);
    assertThat(file.unit()).isEqualTo(RolloutFile.DEFAULT_UNIT);
    assertThat(file.alpha()).isEqualTo(0.01);
    assertThat(file.lease()).isEqualTo(RolloutFile.DEFAULT_LEASE);
    assertThat(file.pin()).isEqualTo(Pin.UNIT);
    assertThat(file.deadlines()).isEqualTo(Deadlines.DEFAULT);
    assertThat(file.variants().getFirst().control()).isTrue();
  }

  @Test
  void shouldReadEveryField() throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            """
            rollout: assistant
            strategy: canary
            unit: [header:x-session, body:metadata.user_id]
            variants:
              candidate:
                url: https://models.example/v1
                model: new
                credential: env:NEW_KEY
                credentialHeader: x-api-key
                moreUrls: [https://more.example/v1, http://localhost:8103/v1]
                healthPath: /health
                maxConcurrency: 40
                cacheKey: true
                streamUsage: false
                paths: [/chat/completions, /files/*]
                headers: {x-team: chat}
                extraBody: {temperature: 0.2, logit_bias: {"50256": -100}, stop: ["a\\"b", null], logprobs: true}
              control: {url: http://localhost:8101/v1}
            shadow: {sample: 50%, maxConcurrency: 4, budget: {requestsPerSecond: 2.5}, controlReplay: 0.1}
            stages:
              - {shadow: true, for: 30s}
              - {weight: 2.5%, name: first, for: 90m}
              - {weight: {candidate: 0.25}}
              - {weight: 100%, bake: 2h}
            guards:
              - {metric: latency.p95, worseBy: 20%, then: rollback, notWorse: 0.2}
              - {metric: error.rate, worseBy: 0, atLeast: 0.5pp, then: rollback, notWorse: 1pp}
              - {metric: refusal.rate, differentBy: 0, then: investigate}
            alpha: 5%
            power: 0.8
            deadlines: {connect: 500ms, firstByte: 10s, total: 2m}
            lease: 60s
            pin: conversation
            """);

    Variant candidate = file.candidates().getFirst();
    assertThat(candidate.body().extra())
        .isEqualTo(
            "{\"temperature\":0.2,\"logit_bias\":{\"50256\":-100},\"stop\":[\"a\\\"b\",null],\"logprobs\":true}");
    assertThat(candidate.headers()).isEqualTo(Map.of("x-team", "chat"));
    assertThat(candidate.servers().moreUrls())
        .containsExactly("https://more.example/v1", "http://localhost:8103/v1");
    assertThat(candidate.servers().healthPath()).isEqualTo("/health");
    assertThat(candidate.servers().maxConcurrency()).isEqualTo(40);
    assertThat(candidate.body().cacheKey()).isTrue();
    assertThat(candidate.body().streamUsage()).isFalse();
    assertThat(file.variants().getFirst().body().streamUsage()).as("the default").isTrue();
    assertThat(candidate.access().paths()).containsExactly("/chat/completions", "/files/*");
    assertThat(candidate.access().credentialHeader()).isEqualTo("x-api-key");
    assertThat(file.pin()).isEqualTo(Pin.CONVERSATION);
    assertThat(file.shadow()).isEqualTo(new Shadow(5_000, 4, 2.5, 1_000));
    assertThat(file.stages().get(1).weights()).isEqualTo(Map.of("candidate", 250));
    assertThat(file.stages().get(1).lasts()).isEqualTo(Duration.ofMinutes(90));
    assertThat(file.stages().get(2).length()).as("waits for a person").isNull();
    assertThat(file.stages().get(3).length()).isEqualTo(Duration.ofHours(2));
    assertThat(file.guards().get(1).atLeast()).isEqualTo(0.005);
    assertThat(file.guards().get(1).notWorse()).isEqualTo(0.01);
    assertThat(file.alpha()).isEqualTo(0.05);
    assertThat(file.deadlines().idle()).isEqualTo(Deadlines.DEFAULT.idle());
  }

  @Test
  void shouldReadTheGuardsOfTheDesignAsTheDefaults() throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            SHORTEST
                + """
                guards:
                  - {metric: latency.p50, worseBy: 20%, then: rollback, notWorse: 20%}
                  - {metric: latency.p95, worseBy: 20%, then: rollback, notWorse: 20%}
                  - {metric: error.rate,  worseBy: 0, atLeast: 0.5pp, then: rollback, notWorse: 1pp}
                  - {metric: feedback,    worseBy: 0, atLeast: 2pp, then: rollback}
                  - {metric: cache.hit,   worseBy: 0, atLeast: 5pp, then: rollback}
                  - {metric: tokens,      worseBy: 50%, then: flag}
                  - {metric: refusal.rate, differentBy: 0, then: investigate}
                """);

    assertThat(file.guards()).isEqualTo(Guard.DEFAULTS);
  }

  @Test
  void shouldReadEveryQuantileAndMarginsInPoints() throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            SHORTEST
                + """
                guards:
                  - {metric: error.rate, worseBy: 1pp, then: rollback}
                  - {metric: ttft.p90, worseBy: 10%, then: flag}
                  - {metric: duration.p50, worseBy: 50%, then: flag}
                  - {metric: tpot.p99, worseBy: 50%, then: flag}
                  - {metric: latency.p90, worseBy: 30%, then: rollback, notWorse: 30%}
                """);

    assertThat(file.guards())
        .extracting(Guard::metric)
        .containsExactly(
            Metric.ERROR_RATE,
            Metric.TTFT_P90,
            Metric.DURATION_P50,
            Metric.TPOT_P99,
            Metric.LATENCY_P90);
    assertThat(file.guards().getFirst().margin()).isEqualTo(0.01);
  }

  @Test
  void shouldNameLineFieldValueAndRule() {
    refuses("stages:\n  - {weight: 120%}\n", 6, "stages[0].weight", "120%", "between 0% and 100%");
    refuses("stages:\n  - shadow: true\n    for: 7x\n", 7, "stages[0].for", "7x", "30s or 7d");
    refuses("stages:\n  - {weight: 100%, for: 1h}\n", 6, "stages[0].for", "bake");
    refuses("stages: []\n", 5, "stages", "at least one stage");
    refuses("stages: [{weight: 100%}, {weight: 5%}]\n", 5, "stages", "must be the last");
    refuses(
        "guards:\n  - {metric: speed, then: rollback}\n",
        6,
        "guards[0].metric",
        "speed",
        "latency.p50");
    refuses(
        "guards:\n  - {metric: error.rate, atLeast: 5%, then: rollback}\n",
        6, "guards[0].atLeast", "5%", "0.5pp");
    refuses(
        "guards:\n  - {metric: feedback, worseBy: 1pp, then: rollback}\n",
        6,
        "guards[0].worseBy",
        "must be 0 for feedback");
    refuses(
        "guards:\n  - {metric: cache.hit, then: rollback, notWorse: 1pp}\n",
        6,
        "guards[0].notWorse",
        "not for cache.hit");
    refuses("alpha: 2\n", 5, "alpha", "alpha is 2", "write 2%");
    refuses("lease: 1s\n", 5, "lease", "at least 10s");
    refuses("pin: session\n", 5, "pin", "must be unit or conversation");
    refuses("strategy: rolling\n", 5, "strategy", "rolling", "canary, ab, blue-green");
    refuses(
        "strategy: blue-green\nstages: [{weight: 5%}, {weight: 100%}]\n",
        6, "stages", "shadow stages and one of weight 100%");
    refuses("strategy: ab\nprimary: tokens\n", 1, "mde", "mde is missing");
    refuses("strategy: ab\nprimary: speed\nmde: 1%\n", 6, "primary", "speed", "latency, tokens");
    refuses(
        "strategy: ab\nprimary: tokens\nmde: 10%\nsplit: {candidate: 100%}\n",
        8, "split", "nothing to control");
    refuses("primary: tokens\n", 5, "primary", "is for strategy ab");
    refuses("stages:\n  - {weight: 5%, until: soon}\n", 6, "stages[0].until", "soon", "detection");
    refuses("stages:\n  - {weight: 5%, until: time}\n", 6, "stages[0].until", "needs for");
    refuses("stages:\n  - {shadow: true, until: gate}\n", 6, "stages[0].until", "shadow stage");
    refuses("stages:\n  - {weight: 100%, until: time}\n", 6, "stages[0].until", "promotion gate");
    refuses(
        "stages:\n  - {weight: 5%, for: 2h, deadline: 1h}\n",
        6, "stages[0].deadline", "longer than the stage");
    refuses("missingData: {after: 1s}\n", 5, "missingData.after", "10s");
    refuses(
        "missingData: {then: panic}\n", 5, "missingData.then", "panic", "hold, pause, rollback");
    refuses("notify: [{webhook: ftp://h}]\n", 5, "notify[0].webhook", "ftp://h", "https://");
    refuses("notify: [{webhook: 'http://ann:key@h'}]\n", 5, "notify[0].webhook", "withheld");
    refuses(
        "notify: [{webhook: http://h, events: [exploded]}]\n",
        5,
        "notify[0].events",
        "exploded",
        "rolled-back");
    refuses("notify: [{webhook: http://h, secret: abc}]\n", 5, "notify[0].secret", "env:NAME");
    refuses("colour: red\n", 5, "colour", "not a known field");
    refuses("unit: [cookie:x]\n", 5, "unit", "cookie:x", "header:NAME or body:PATH");
    refuses("alpha: 0.1\nalpha: 0.1\n", 6, "alpha", "given twice");
    refuses("shadow: {maxConcurrency: 0}\n", 5, "shadow.maxConcurrency", "between 1 and 1000");
    refuses("power: [\n", 0, "", "not YAML");
  }

  @Test
  void shouldReadEveryStrategy() throws RolloutFileException {
    RolloutFile blueGreen = RolloutFileReader.read(SHORTEST + "strategy: blue-green\n");
    assertThat(blueGreen.stages()).extracting(Stage::name).containsExactly("shadow", "100%");

    RolloutFile shadow = RolloutFileReader.read(SHORTEST + "strategy: shadow\n");
    assertThat(shadow.stages()).extracting(Stage::shadow).containsExactly(true);

    RolloutFile ab =
        RolloutFileReader.read(
            SHORTEST
                + "strategy: ab\n"
                + "primary: tokens\n"
                + "mde: 10%\n"
                + "level: 1%\n"
                + "split: {control: 70%, candidate: 30%}\n");
    assertThat(ab.ab()).isEqualTo(new AbPlan(AbPlan.Primary.TOKENS, 0.1, 0.01));
    assertThat(ab.stages().getFirst().weights()).isEqualTo(Map.of("candidate", 3_000));
  }

  @Test
  void shouldJudgeAShadowStageByPairsWhereTheyCanBeHad() throws RolloutFileException {
    RolloutFile defaults = RolloutFileReader.read(SHORTEST);
    RolloutFile hashes = RolloutFileReader.read(SHORTEST + "shadow: {capture: hashes}\n");
    RolloutFile without = RolloutFileReader.read(SHORTEST + "shadow: {controlReplay: 0}\n");

    assertThat(defaults.stages().getFirst().until()).isEqualTo(Until.PAIRS);
    assertThat(Shadow.DEFAULT.controlReplay()).isPositive();
    assertThat(hashes.stages().getFirst().until()).isEqualTo(Until.TIME);
    assertThat(without.stages().getFirst().until()).isEqualTo(Until.TIME);
    assertThat(without.stages().getFirst().deadline()).isNull();
  }

  @Test
  void shouldReadWhatAStageWaitsFor() throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            SHORTEST
                + """
                stages:
                  - {shadow: true, for: 1h}
                  - {weight: 1%}
                  - {weight: 5%, for: 10m}
                  - {weight: 10%, for: 1d, until: time}
                  - {weight: 25%, until: gate, deadline: 2d}
                  - {weight: 100%, bake: 2h}
                missingData: {after: 5m, then: pause}
                """);

    assertThat(file.stages())
        .extracting(Stage::until)
        .containsExactly(Until.PAIRS, null, Until.DETECTION, Until.TIME, Until.GATE, Until.GATE);
    assertThat(file.stages())
        .extracting(Stage::deadline)
        .containsExactly(
            Duration.ofHours(3),
            null,
            Duration.ofHours(1),
            null,
            Duration.ofDays(2),
            Duration.ofHours(6));
    assertThat(file.missingData())
        .isEqualTo(new MissingData(Duration.ofMinutes(5), MissingData.Then.PAUSE));
  }

  @Test
  void shouldNeverRepeatASecretInAnError() {
    RolloutFileException error =
        error(SHORTEST.replace("model: gpt-4o-mini", "credential: sk-secret"));
    assertThat(error).hasMessageNotContaining("sk-secret").hasMessageContaining("env:NAME");
    assertThat(error.line()).isEqualTo(4);
    assertThat(error(SHORTEST.replace("http://localhost:8102", "http://ann:pw@localhost:8102")))
        .hasMessageNotContaining("pw@");
  }

  @Test
  void shouldRefuseFilesWithoutControlOrCandidate() {
    assertThat(error(SHORTEST.replace("control:  ", "old:")))
        .hasMessageContaining("must be named control");
    assertThat(error(SHORTEST.lines().limit(3).reduce("", (a, b) -> a + b + "\n")))
        .hasMessageContaining("a candidate is missing");
    assertThat(error("")).hasMessageContaining("empty");
    assertThat(error("just words")).hasMessageContaining("mapping");
  }

  private static void refuses(String more, int line, String field, String... words) {
    RolloutFileException error = error(SHORTEST + more);
    assertThat(error).hasMessageContainingAll(words);
    if (line > 0) {
      assertThat(error.line()).as(error.getMessage()).isEqualTo(line);
      assertThat(error.field()).as(error.getMessage()).isEqualTo(field);
      assertThat(error).hasMessageStartingWith("line " + line + ": ");
    }
  }

  private static RolloutFileException error(String yaml) {
    return catchThrowableOfType(RolloutFileException.class, () -> RolloutFileReader.read(yaml));
  }
}
