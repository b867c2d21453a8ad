package io.serin.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShadowReaderTest {

  private static final String REST =
      """
      rollout: assistant
      variants:
        control: {url: http://localhost:1/v1}
        candidate: {url: http://localhost:2/v1}
      """;

  @Test
  void shouldReadEverything() throws RolloutFileException {
    Shadow shadow =
        read(
            """
            shadow:
              sample: 10%
              maxConcurrency: 3
              controlReplay: 20%
              noiseShare: 50%
              answers: 2
              force: {temperature: 0, seed: 7}
              examples: false
              capture: payloads
              maxBytes: 65536
              redact:
                builtIn: [email, card]
                patterns: [{name: order, regex: "ORD-[0-9]{8}"}]
                paths: [metadata.customer, messages.*.name]
              encrypt:
                key: "2026-03"
                keys: {"2026-02": "file:/run/secrets/old", "2026-03": "env:PAYLOAD_KEY"}
              budget:
                requestsPerSecond: 5
                requests: 1000
                requestsPerHour: 100
                tokens: 1000000
                tokensPerHour: 5e4
                spend: 20
                spendPerHour: 2.5
                prices:
                  control: {prompt: 0.5, completion: 1.5}
                  candidate: {prompt: 0.15, completion: 0.6, cached: 0.075}
            """);

    assertThat(shadow.force()).isEqualTo("{\"temperature\":0,\"seed\":7}");
    assertThat(shadow.examples()).isFalse();
    assertThat(shadow.answers()).isEqualTo(2);
    assertThat(shadow.noiseShare()).isEqualTo(5_000);
    assertThat(shadow.capture())
        .isEqualTo(
            new ShadowCapture(
                ShadowCapture.Mode.PAYLOADS,
                65_536,
                List.of("email", "card"),
                List.of(new ShadowCapture.NamedPattern("order", "ORD-[0-9]{8}")),
                List.of("metadata.customer", "messages.*.name"),
                "2026-03",
                Map.of("2026-02", "file:/run/secrets/old", "2026-03", "env:PAYLOAD_KEY")));
    assertThat(shadow.budget())
        .isEqualTo(
            new ShadowBudget(
                1_000,
                100,
                1_000_000,
                50_000,
                20,
                2.5,
                Map.of(
                    "control", new ShadowBudget.Price(0.5, 1.5, 0.5),
                    "candidate", new ShadowBudget.Price(0.15, 0.6, 0.075))));
  }

  @Test
  void shouldRedactByDefaultAndForceNothing() throws RolloutFileException {
    Shadow shadow = read("shadow: {sample: 1%}\n");

    assertThat(shadow.capture()).isEqualTo(ShadowCapture.DEFAULT);
    assertThat(shadow.capture().builtIn()).containsExactly("email", "phone", "card", "key");
    assertThat(shadow.force()).isNull();
    assertThat(shadow.examples()).isTrue();
    assertThat(shadow.budget()).isEqualTo(ShadowBudget.NONE);
  }

  @Test
  void shouldReadModelsThatLookAtAnswers() throws RolloutFileException {
    Shadow shadow =
        read(
            """
            shadow:
              noiseShare: 25%
              similarity: {url: "http://localhost:9/v1", model: small, atLeast: 0.7, price: {prompt: 0.02}}
              judge:
                url: https://judge.example/v1
                model: large
                credential: env:JUDGE_KEY
                share: 5%
                price: {prompt: 0.15, completion: 0.6}
            """);

    assertThat(shadow.similarity())
        .isEqualTo(
            new ShadowReviewer.Similarity(
                new ShadowReviewer(
                    "http://localhost:9/v1",
                    "small",
                    null,
                    10_000,
                    new ShadowBudget.Price(0.02, 0, 0.02)),
                0.7));
    assertThat(shadow.judge())
        .isEqualTo(
            new ShadowReviewer(
                "https://judge.example/v1",
                "large",
                "env:JUDGE_KEY",
                500,
                new ShadowBudget.Price(0.15, 0.6, 0.15)));
    assertThat(read("shadow: {judge: {url: 'http://j/v1', model: m}}\n").judge())
        .isEqualTo(new ShadowReviewer("http://j/v1", "m", null, 1_000, null));
  }

  @Test
  void shouldRefuseAModelThatIsHalfConfigured() {
    refuses("{judge: {url: 'http://j/v1'}}", "shadow.judge.model");
    refuses("{judge: {model: m}}", "shadow.judge.url");
    refuses("{judge: {url: localhost, model: m}}", "shadow.judge.url", "http(s)://");
    refuses(
        "{judge: {url: 'http://j/v1', model: m, credential: abc}}",
        "shadow.judge.credential",
        "env:NAME");
    refuses("{judge: {url: 'http://j/v1', model: m, share: 0}}", "shadow.judge.share", "above 0");
    refuses(
        "{judge: {url: 'http://j/v1', model: m, price: {prompt: 1}}}",
        "shadow.judge.price.completion");
    refuses(
        "{controlReplay: 0, judge: {url: 'http://j/v1', model: m}}",
        "shadow.judge",
        "needs controlReplay");
    refuses(
        "{similarity: {url: 'http://j/v1', model: m}}", "shadow.similarity", "needs noiseShare");
    refuses(
        "{noiseShare: 10%, similarity: {url: 'http://j/v1', model: m, atLeast: 80}}",
        "shadow.similarity.atLeast", "between 0 and 1");
    refuses(
        "{budget: {spend: 5, prices: {control: {prompt: 1}, candidate: {prompt: 1}}}, judge: {url: 'http://j/v1', model: m}}",
        "shadow.judge.price",
        "is missing");
  }

  @Test
  void shouldRefuseWhatCannotBeMeant() {
    refuses("{capture: everything}", "shadow.capture", "everything", "payloads or hashes");
    refuses("{capture: hashes, controlReplay: 5%}", "shadow.capture", "nothing can be replayed");
    refuses("{controlReplay: 0, noiseShare: 5%}", "shadow.noiseShare", "needs controlReplay");
    refuses("{examples: maybe}", "shadow.examples", "maybe", "true or false");
    refuses("{answers: 0}", "shadow.answers", "0", "between 1 and 10");
    refuses("{maxConcurrency: 2.5}", "shadow.maxConcurrency", "2.5", "whole number");
    refuses("{force: {model: x}}", "shadow.force.model", "must not be set");
    refuses("{redact: {builtIn: [names]}}", "shadow.redact.builtIn", "names", "one of");
    refuses(
        "{redact: {patterns: [{name: a, regex: '('}]}}", "shadow.redact.patterns[0].regex", "RE2");
    refuses(
        "{redact: {patterns: [{name: a, regex: 'x*'}]}}", "patterns[0].regex", "the empty text");
    refuses(
        "{redact: {patterns: [{name: word, regex: '[a-z]+'}]}}",
        "patterns[0].regex",
        "what it leaves behind");
    refuses("{redact: {paths: [model]}}", "shadow.redact.paths", "model", "do without");
    refuses("{encrypt: {key: k1, keys: {k2: 'env:A'}}}", "shadow.encrypt.key", "k1", "one of keys");
    refuses("{encrypt: {key: k1, keys: {k1: c2VjcmV0}}}", "shadow.encrypt.keys", "env:NAME");
    refuses("{budget: {spend: 5}}", "shadow.budget.spend", "needs prices");
    refuses(
        "{budget: {spend: 5, prices: {candidate: {prompt: 1}}}}",
        "shadow.budget.prices",
        "every variant needs one");
    refuses("{budget: {prices: {other: {prompt: 1}}}}", "prices.other", "names no variant");
    refuses("{budget: {requestsPerHour: -1}}", "shadow.budget.requestsPerHour", "0 or more");
  }

  @Test
  void shouldNotRepeatAKeyThatWasGivenInsteadOfAReference() {
    assertThatThrownBy(() -> read("shadow: {encrypt: {key: k1, keys: {k1: c2VjcmV0}}}\n"))
        .hasMessageNotContaining("c2VjcmV0");
  }

  private static void refuses(String shadow, String... parts) {
    assertThatThrownBy(() -> read("shadow: " + shadow + "\n"))
        .isInstanceOf(RolloutFileException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  private static Shadow read(String shadow) throws RolloutFileException {
    Shadow read = RolloutFileReader.read(REST + shadow).shadow();
    assertThat(read).isNotNull();
    return read;
  }
}
