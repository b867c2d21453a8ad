package io.serin.rehearsal.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedAnswersTest {

  private static final String TWO =
      """
      {"prompt":"What is one?","output":"One.","model":"m"}

      {"instruction":"What is two?","completion":"Two."}
      """;

  @Test
  void shouldReadBothSpellingsOfItsFields() throws IOException {
    RecordedAnswers answers = read(TWO.getBytes(StandardCharsets.UTF_8));

    assertThat(answers.prompts()).containsExactly("What is one?", "What is two?");
    assertThat(answers.answer("What is two?").text()).isEqualTo("Two.");
  }

  @Test
  void shouldReadGzip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(TWO.getBytes(StandardCharsets.UTF_8));
    }

    assertThat(read(bytes.toByteArray()).size()).isEqualTo(2);
  }

  @Test
  void shouldAnswerAnUnknownPromptAlwaysTheSame() throws IOException {
    RecordedAnswers answers = read(TWO.getBytes(StandardCharsets.UTF_8));

    assertThat(answers.holds("What is three?")).isFalse();
    assertThat(answers.answer("What is three?")).isEqualTo(answers.answer(" What is three?\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense | a.jsonl:1: is not JSON",
        "[1] | a.jsonl:1: must be a JSON object",
        "{\"output\":\"x\"} | a.jsonl:1: prompt: is missing (or instruction)",
        "{\"prompt\":\" \",\"output\":\"x\"} | a.jsonl:1: prompt: must not be empty",
        "{\"prompt\":\"x\"} | a.jsonl:1: output: is missing (or completion)",
        "{\"prompt\":\"x\",\"completion\":7} | a.jsonl:1: completion: must be a string",
      })
  void shouldNameFileLineAndField(String line, String message) {
    assertThatThrownBy(() -> read(line.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldRefuseAFileWithoutAnswers() {
    assertThatThrownBy(() -> read(new byte[0])).hasMessage("a.jsonl: holds no answer");
  }

  @Test
  void shouldShipTwoModelsThatAnswerTheSamePrompts() {
    RecordedAnswers control = RecordedAnswers.shipped("control");
    RecordedAnswers candidate = RecordedAnswers.shipped("candidate");

    assertThat(control.size()).isGreaterThanOrEqualTo(60);
    assertThat(candidate.prompts()).isEqualTo(control.prompts());
    assertThat(control.prompts())
        .allSatisfy(
            prompt ->
                assertThat(candidate.answer(prompt).text())
                    .isNotEqualTo(control.answer(prompt).text()));
  }

  private static RecordedAnswers read(byte[] bytes) throws IOException {
    return RecordedAnswers.read("a.jsonl", new ByteArrayInputStream(bytes));
  }
}
