package io.serin.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.schemas.RedactionPattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final List<String> ALL = List.of("email", "phone", "card", "key");

  private final Redaction redaction = Redaction.of(ALL, List.of(), List.of());
  private final Map<String, Integer> counts = new HashMap<>();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "write to ann.b+c@mail.example.co.uk now | write to [email] now",
        "key sk-proj-abcDEF0123456789abcDEF0123 end | key [key] end",
        "sk_live_abcdefghijklmnop123456 | [key]",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789 | [key]",
        "AKIAABCDEFGHIJKLMNOP | [key]",
        "Authorization: Bearer abcdefghijklmnop.qrst | Authorization: Bearer [key]",
        "card 4111 1111 1111 1111 ok | card [card] ok",
        "card 4111-1111-1111-1111 ok | card [card] ok",
        "call +49 170 1234567 today | call [phone] today",
        "call (555) 123-4567 today | call [phone] today",
        "020 7946 0958 | [phone]",
        "01 23 45 67 89 | [phone]",
        "2024 4111 1111 1111 1111 end | 2024 [card] end",
        "card 378282246310005. | card [card].",
        "jürgen@müller.example | [email]",
        "api_key=abcdefghijkl0123 | api_key=[key]",
        "sk-ant-api03-ab_cd-ef0123456789 | [key]",
      })
  void shouldTakeOutPersonalDataAndSecrets(String text, String redacted) {
    assertThat(redaction.redact(text, counts)).isEqualTo(redacted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "order 4111 1111 1111 1112",
        "in 2024-05-06 at 12:30:45",
        "pi is 3.14159265358979",
        "version 10.0.19045.4291",
        "x@y",
        "1,000,000 of 25000",
        "ask-me-anything-about-everything",
        "12345678901234567890123",
        "sk-learn-estimators-are-composable",
        "03/04/2024 to 05/06/2024"
      })
  void shouldLeaveOtherTextAlone(String text) {
    assertThat(redaction.redact(text, counts)).isEqualTo(text);
  }

  @Test
  void shouldRedactJsonInItsStringsAndLeaveItJson() throws IOException {
    String json =
        "{\"user\":\"ann@example.com\",\"n\":1.50,\"big\":12345678901234567890,\"list\":[\"a\\nb@example.com\",null,true],\"o\":{}}";

    String redacted =
        new String(
            redaction.redactJson(json.getBytes(StandardCharsets.UTF_8), counts),
            StandardCharsets.UTF_8);

    assertThat(new ObjectMapper().readTree(redacted).at("/list/0").asText())
        .isEqualTo("a\n[email]");
    assertThat(redacted)
        .isEqualTo(
            "{\"user\":\"[email]\",\"n\":1.50,\"big\":12345678901234567890,\"list\":[\"a\\n[email]\",null,true],\"o\":{}}");
  }

  @Test
  void shouldTakeTimeInProportionToTheTextWhateverItIs() {
    String hostile =
        "a".repeat(50_000)
            + "@".repeat(1_000)
            + "1 ".repeat(20_000)
            + "a.".repeat(20_000)
            + "eyJ".repeat(5_000);

    Assertions.assertTimeout(Duration.ofSeconds(10), () -> redaction.redact(hostile, counts));
  }

  @Test
  void shouldRedactNamesNumbersAndJsonWithinStringsByteByByte() throws IOException {
    String json =
        "{ \"a@example.com\" : 4111111111111111,\n  \"arguments\":\"{\\\"card\\\": 4111111111111111, \\\"n\\\": [1,2]}\" ,\"keep\":1.0e5}";

    String redacted = json(redaction, json);

    assertThat(redacted)
        .isEqualTo(
            "{ \"[email]\" : \"[card]\",\n  \"arguments\":\"{\\\"card\\\": \\\"[card]\\\", \\\"n\\\": [1,2]}\" ,\"keep\":1.0e5}");
    assertThat(counts).containsEntry("card", 2).containsEntry("email", 1);
  }

  @Test
  void shouldRedactPlaces() throws IOException {
    Redaction places =
        Redaction.of(List.of(), List.of(), List.of("user", "messages.*.name", "metadata.tags.1"));

    assertThat(
            json(
                places,
                "{\"user\":{\"id\":[1,{\"a\":2}]},\"messages\":[{\"name\":\"Ann\",\"content\":\"name\"},{\"name\":null}],\"metadata\":{\"tags\":[\"x\",7,true],\"user\":1}}"))
        .isEqualTo(
            "{\"user\":\"[redacted]\",\"messages\":[{\"name\":\"[redacted]\",\"content\":\"name\"},{\"name\":null}],\"metadata\":{\"tags\":[\"x\",\"[redacted]\",true],\"user\":1}}");
  }

  @Test
  void shouldRefuseWhatIsNotJson() {
    assertThatThrownBy(() -> json(redaction, "not json")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> json(redaction, "{\"a\":")).isInstanceOf(IOException.class);
  }

  @Test
  void shouldLeaveAnAnswerThatIsJsonJson() throws IOException {
    String answer = redaction.redactAnswer("{\"tel\": +49, \"to\": \"a@example.com\"}", counts);
    assertThat(answer).as("no JSON, so as a text").isEqualTo("{\"tel\": +49, \"to\": \"[email]\"}");

    String json = redaction.redactAnswer("[4111111111111111, \"\\u0061@example.com\"]", counts);
    assertThat(json).isEqualTo("[\"[card]\", \"[email]\"]");
  }

  @Test
  void shouldLetNothingSurviveThatMatchesARule() throws IOException {
    for (long seed = 0; seed < 1_500; seed++) {
      Random random = new Random(seed);
      RandomDocument document = new RandomDocument(random);
      String before = document.text();
      List<RedactionPattern> own =
          List.of(
              new RedactionPattern("order", "ORD-[0-9]{3,}"),
              new RedactionPattern("code", "(?i)x[a-f0-9]{4}"),
              new RedactionPattern("tail", "[a-z]{3}\\]{2}"));
      Redaction rules = Redaction.of(ALL, own, List.of("secret", "list.*"));

      String after = json(rules, before);

      JsonNode tree = MAPPER.readTree(after); // it stays JSON
      List<String> texts = new ArrayList<>();
      RandomDocument.texts(tree, texts);
      for (String text : texts) {
        assertThat(rules.redact(text, new HashMap<>()))
            .as("seed %d: %s", seed, before)
            .isEqualTo(text);
      }
      for (String secret : document.secrets()) {
        assertThat(after).as("seed %d", seed).doesNotContain(secret);
        assertThat(texts).as("seed %d", seed).noneMatch(text -> text.contains(secret));
      }
      assertThat(json(rules, after)).as("again, seed %d", seed).isEqualTo(after);
    }
  }

  private String json(Redaction rules, String text) throws IOException {
    return new String(
        rules.redactJson(text.getBytes(StandardCharsets.UTF_8), counts), StandardCharsets.UTF_8);
  }
}
