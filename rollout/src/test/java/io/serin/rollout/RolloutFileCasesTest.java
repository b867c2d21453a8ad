package io.serin.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of the field, each accepted or refused at the field that is wrong. */
class RolloutFileCasesTest {
  private static final Pattern TITLE =
      Pattern.compile("(?<verdict>accepted|refused) \\[(?<field>.*?)] (?<what>.*)");

  private record Case(String verdict, String field, String what, String yaml) {
    @Override
    public String toString() {
      return verdict + ": " + what;
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    String text;
    try (InputStream in = RolloutFileCasesTest.class.getResourceAsStream("cases.txt")) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    for (String part : text.split("(?m)^=== ", -1)) {
      Matcher title = TITLE.matcher(part.lines().findFirst().orElse(""));
      if (title.matches()) {
        cases.add(
            new Case(
                title.group("verdict"),
                title.group("field"),
                title.group("what"),
                part.substring(part.indexOf('\n') + 1)));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Timeout(5)
  void shouldAcceptWhatEveryRouterCanServeAndNameTheFieldOfTheRest(Case each) {
    if (each.verdict().equals("accepted")) {
      assertThatCode(() -> RolloutFileReader.read(each.yaml())).doesNotThrowAnyException();
      return;
    }
    RolloutFileException refused =
        catchThrowableOfType(RolloutFileException.class, () -> RolloutFileReader.read(each.yaml()));
    assertThat(refused).as(each.what()).isNotNull();
    assertThat(refused.field()).as(refused.getMessage()).isEqualTo(each.field());
  }

  @Test
  void shouldReadAnExtraBodyAsPeopleMeanIt() throws RolloutFileException {
    assertThat(extraBody("{logprobs: True, top_p: .9, max_tokens: 1_000, temperature: +0.5}"))
        .isEqualTo("{\"logprobs\":true,\"top_p\":0.9,\"max_tokens\":1000,\"temperature\":0.5}");
    assertThat(extraBody("{seed: 0x10, stop: ~, user: 007, at: 1:30, big: 1e3, id: '7'}"))
        .isEqualTo(
            "{\"seed\":16,\"stop\":null,\"user\":\"007\",\"at\":\"1:30\",\"big\":1E+3,\"id\":\"7\"}");
    assertThat(extraBody("{<<: {top_k: 5, top_p: 1}, top_p: 0.5, a: [\"\\n\", {b: no}]}"))
        .isEqualTo("{\"top_p\":0.5,\"a\":[\"\\n\",{\"b\":false}],\"top_k\":5}");
  }

  @Test
  void shouldTakeWhatAMergedVariantNamesItself() throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            """
            rollout: assistant
            variants:
              control: &base
                url: http://localhost:8101/v1
                model: old
                headers: {X-Team: search}
              candidate:
                <<: *base
                model: new
            """);
    Variant candidate = file.candidates().getFirst();
    assertThat(candidate.url()).isEqualTo("http://localhost:8101/v1");
    assertThat(candidate.model()).isEqualTo("new");
    assertThat(candidate.headers()).containsOnlyKeys("x-team");
  }

  @Test
  void shouldSayWhatAMisspelledFieldMayHaveMeant() {
    assertThat(message("stagess: []")).contains("did you mean stages?");
    assertThat(message("missingdata: {}")).contains("did you mean missingData?");
    assertThat(message("zzz: 1")).doesNotContain("did you mean").contains("known are [alpha");
  }

  @Test
  void shouldSayHowABareNumberIsWritten() {
    assertThat(message("stages: [{weight: 5, for: 1h}]"))
        .isEqualTo(
            "line 5: stages[0].weight is 5: is not a percentage; write 5%, or a ratio such as"
                + " 0.05");
  }

  @Test
  void shouldReadFractionsOfUnits() throws RolloutFileException {
    RolloutFile file = RolloutFileReader.read(BASE + "stages: [{weight: 5%, for: 1.5h}]\n");
    assertThat(file.stages().getFirst().lasts()).isEqualTo(Duration.ofMinutes(90));
  }

  private static final String BASE =
      """
      rollout: assistant
      variants:
        control: {url: "http://localhost:8101/v1"}
        candidate: {url: "http://localhost:8102/v1"}
      """;

  private static String extraBody(String yaml) throws RolloutFileException {
    String file = BASE.replace("8102/v1\"", "8102/v1\", extraBody: " + yaml);
    return Objects.requireNonNull(
        RolloutFileReader.read(file).candidates().getFirst().body().extra());
  }

  private static String message(String more) {
    return Objects.requireNonNull(
        catchThrowableOfType(
                RolloutFileException.class, () -> RolloutFileReader.read(BASE + more + "\n"))
            .getMessage());
  }
}
