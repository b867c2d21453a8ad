package io.serin.rehearsal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.openai.Endpoint;
import io.serin.rehearsal.fault.FaultPlan;
import io.serin.rehearsal.fault.Injection;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.recorded.RecordedAnswer;
import io.serin.rehearsal.recorded.RecordedAnswers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ModelsTest {

  @Test
  void shouldGiveTheTextAgainFromItsTokens() {
    String text = "  Extraordinary claims, 𝕖𝕩𝕥𝕣𝕒 — evidence!\n";

    assertThat(String.join("", Tokens.split(text))).isEqualTo(text);
    assertThat(Tokens.split("one two")).containsExactly("one", " two");
    assertThat(Tokens.split("abcdefghi")).containsExactly("abcd", "efgh", "i");
    assertThat(Tokens.split("")).isEmpty();
  }

  @Test
  void shouldDrawALognormalLatency() {
    Latency latency = Latency.parse("lognormal:300ms,0.5");
    SplittableRandom random = new SplittableRandom(1);
    double[] millis = new double[20_001];
    Arrays.setAll(millis, _ -> latency.sampleNanos(random) / 1e6);
    Arrays.sort(millis);

    assertThat(millis[10_000]).isBetween(292.0, 308.0);
    assertThat(millis[19_000]).as("p95 is 300·exp(1.645·0.5)").isBetween(655.0, 711.0);
    assertThat(millis[19_545] / latency.usualMost().toMillis()).isBetween(0.93, 1.07);
    assertThat(Latency.parse("fixed:5ms").sampleNanos(random)).isEqualTo(5_000_000);
  }

  @Test
  void shouldSayWhatIsWrongWithALatency() {
    assertThatThrownBy(() -> Latency.parse("normal:3s"))
        .hasMessageContaining("must be fixed:TIME or lognormal:");
    assertThatThrownBy(() -> Latency.parse("fixed:3")).hasMessageContaining("TIME is 3: must be");
    assertThatThrownBy(() -> Latency.parse("lognormal:3s,9"))
        .hasMessageContaining("SIGMA 9.0 must be from 0 to 3");
  }

  @Test
  void shouldBreakTheJsonOfAnswersThatAreJsonAndNoOther() {
    RecordedAnswers recorded =
        new RecordedAnswers(
            List.of(
                new RecordedAnswer("as JSON", "{\"capital\": [\"Paris\"]}\n"),
                new RecordedAnswer("in words", "{It is Paris.}")));
    ModelRequest json = request("as JSON");
    ModelRequest words = request("in words");
    Injection broken =
        new FaultPlan("b", List.of(ScheduledFault.parse("b:broken-json@0s")))
            .draw(_ -> Duration.ofSeconds(1), new SplittableRandom(1));

    assertThat(broken.kinds()).containsExactly("broken-json");
    assertThat(ModelAnswer.isJson(json, recorded)).isTrue();
    assertThat(ModelAnswer.isJson(words, recorded)).isFalse();
    assertThat(ModelAnswer.of(json, recorded, broken, 2, 0).text())
        .isEqualTo("{\"capital\": [\"Paris\"]");
    assertThat(broken.withoutBrokenJson()).isEqualTo(Injection.NONE);
    assertThat(ModelAnswer.of(json, recorded, Injection.NONE, 2, 0).text()).endsWith("]}\n");
  }

  private static ModelRequest request(String prompt) {
    return ModelRequest.parse(
        Endpoint.CHAT_COMPLETIONS,
        ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}")
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void shouldFindAPrefixUntilItsTimeIsOver() {
    PrefixCache cache =
        new PrefixCache(new CacheBehaviour(true, Duration.ofSeconds(10), 2, 100, 1));
    List<String> prompt = List.of("a", "b", "c", "d", "e");

    assertThat(cache.use(prompt, 0)).isZero();
    assertThat(cache.use(prompt, 10_000)).isEqualTo(4);
    assertThat(cache.use(List.of("a", "b", "x", "d"), 10_000)).isEqualTo(2);
    assertThat(cache.use(List.of("x", "b", "c", "d"), 10_000)).isZero();
    assertThat(cache.use(prompt, 20_001)).isZero();
  }

  @Test
  void shouldForgetWhatIsUnusedForLongestWhenFull() {
    PrefixCache cache = new PrefixCache(new CacheBehaviour(true, Duration.ofHours(1), 1, 2, 1));
    cache.use(List.of("a"), 0);
    cache.use(List.of("b"), 1);
    cache.use(List.of("a"), 2);
    cache.use(List.of("c"), 3);

    assertThat(cache.use(List.of("a"), 4)).isEqualTo(1);
    assertThat(cache.use(List.of("b"), 5)).isZero();
  }
}
