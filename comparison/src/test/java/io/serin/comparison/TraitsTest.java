package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.JsonCheck;
import io.serin.comparison.answer.Languages;
import io.serin.comparison.answer.Markdown;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.ToolCall;
import io.serin.comparison.answer.Traits;
import io.serin.comparison.answer.Words;
import io.serin.refusals.Refusal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraitsTest {
  private static final String SCHEMA =
      """
      {"type":"object","properties":{"city":{"type":"string"},"warm":{"type":"boolean"}},
       "required":["city"],"additionalProperties":false}\
      """;

  private final Traits.Reader reader = new Traits.Reader();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "The capital of France is Paris, and it is known for the tower.|en",
        "Die Hauptstadt von Frankreich ist Paris, und sie ist für den Turm bekannt.|de",
        "La capitale de la France est Paris, et elle est connue pour sa tour.|fr",
        "La capital de Francia es París, y es conocida por su torre en el centro.|es",
        "A capital da França é Paris, e ela é conhecida por uma torre no centro.|pt",
        "La capitale della Francia è Parigi, ed è nota per la torre che è nel centro.|it",
        "De hoofdstad van Frankrijk is Parijs, en het is bekend om de toren.|nl",
        "Столица Франции — Париж, и он известен башней, которая не так высока, как это.|ru",
        "法国的首都是巴黎。|zh",
        "フランスの首都はパリです。|ja",
        "프랑스의 수도는 파리입니다.|ko",
      })
  void shouldTellTheLanguage(String text, String language) {
    assertThat(Languages.of(text)).isEqualTo(language);
  }

  @Test
  void shouldNotGuessALanguage() {
    assertThat(Languages.of("")).isNull();
    assertThat(Languages.of("x = y + 1; return x;")).isNull();
    assertThat(Languages.of("Paris")).isNull();
    assertThat(Languages.of("42")).isNull();
  }

  @Test
  void shouldReadTheStructure() {
    Markdown read =
        Markdown.of(
            """
            # Title

            Some **bold** words.

            - one
            - two
            1. three

            | a | b |

            ```java
            # no heading
            - no item
            ```
            """);

    assertThat(read).isEqualTo(new Markdown(3, 1, true, 1, 1, false));
    assertThat(Markdown.of("```python\nprint(1)").openFence()).isTrue();
    assertThat(Markdown.of("2 * 3 ** 2 is 18. #hashtag -5"))
        .isEqualTo(new Markdown(0, 0, false, 0, 0, false));
  }

  @Test
  void shouldTellJsonFromWhatIsNot() {
    assertThat(JsonCheck.isDocument("{\"a\":1}")).isTrue();
    assertThat(JsonCheck.isDocument(" [1, 2]\n")).isTrue();
    assertThat(JsonCheck.isDocument("{\"a\":1")).isFalse();
    assertThat(JsonCheck.isDocument("{\"a\":1} and more")).isFalse();
    assertThat(JsonCheck.isDocument("```json\n{\"a\":1}\n```")).isFalse();
    assertThat(JsonCheck.isDocument("42")).isFalse();
    assertThat(JsonCheck.isDocument(null)).isFalse();
  }

  @Test
  void shouldHoldAnAnswerToItsSchema() {
    assertThat(read("{\"city\":\"Paris\",\"warm\":true}").schemaKept()).isTrue();
    assertThat(read("{\"city\":7}").schemaKept()).isFalse();
    assertThat(read("{\"town\":\"Paris\"}").schemaKept()).isFalse();
    assertThat(read("Paris").schemaKept()).isFalse();
  }

  @Test
  void shouldNotFetchASchemaNorBlameAnAnswerForOneThatCannotBeUsed() {
    JsonCheck check = new JsonCheck();

    assertThat(check.keepsTo("{}", "{\"$ref\":\"http://127.0.0.1:9/schema.json\"}")).isNull();
    assertThat(check.keepsTo("{}", "not a schema")).isNull();
  }

  @Test
  void shouldReadToolCalls() {
    assertThat(reader.read(calls("{\"city\":\"Paris\"}"), null).toolsReadable()).isTrue();
    assertThat(reader.read(calls("{\"city\":"), null).toolsReadable()).isFalse();
    assertThat(reader.read(calls("{}"), null).refusal()).isEqualTo(Refusal.NONE);
    assertThat(read("Paris").toolsReadable()).isNull();
  }

  @Test
  void shouldTellNothingOfAnAnswerThatDidNotCome() {
    Traits traits = reader.read(Answered.failed(), SCHEMA);

    assertThat(traits)
        .isEqualTo(
            new Traits(AnswerOutcome.FAILED, null, null, null, 0, null, null, null, null, null));
  }

  @Test
  void shouldCompareWords() {
    assertThat(Words.normalised("  It's  PARIS! ")).isEqualTo("it s paris");
    assertThat(Words.similarity("The cat sat.", "the cat sat")).isEqualTo(1);
    assertThat(Words.similarity("the cat sat", "a dog ran")).isZero();
    assertThat(Words.similarity("the cat sat down", "the cat sat up")).isBetween(0.6, 0.8);
    assertThat(Words.similarity("巴黎是首都", "巴黎是城市")).isBetween(0.3, 0.8);
    assertThat(Words.similarity("", "!")).isEqualTo(1);
  }

  @Test
  void shouldRedactAndCut() {
    String text =
        "Write to ann.lee@example.org or +49 170 1234567, card 4111 1111 1111 1111, key"
            + " sk-abcdefghijklmnop1234. In 2023 it cost 12.50.";

    assertThat(Excerpt.of(text, 500))
        .isEqualTo("Write to [email] or [phone], card [card], key [key]. In 2023 it cost 12.50.");
    assertThat(Excerpt.of("x".repeat(50), 10)).isEqualTo("x".repeat(10) + " …");
  }

  private Traits read(String text) {
    return reader.read(Answered.of(text), SCHEMA);
  }

  private static Answered calls(String arguments) {
    return new Answered(
        AnswerOutcome.ANSWERED,
        null,
        List.of(new ToolCall("weather", arguments)),
        null,
        null,
        null,
        "tool_calls");
  }

  static Question question(String id, String text, @Nullable String schema) {
    return new Question(id, id, text, schema != null, schema, Map.of());
  }
}
