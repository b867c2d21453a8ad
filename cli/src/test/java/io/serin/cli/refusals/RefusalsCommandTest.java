package io.serin.cli.refusals;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RefusalsCommandTest {
  private final Path file;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  RefusalsCommandTest(@TempDir Path directory) {
    this.file = directory.resolve("answers.jsonl");
  }

  @Test
  void shouldLabelAnswersAndJudgeItselfByTheirLabels() throws IOException {
    Files.writeString(
        file,
        """
        {"prompt":"a","completion":"I'm sorry, but I can't help with that.","label":"2_full_refusal"}
        {"prompt":"b","completion":"Nowhere: that is stolen.","label":"2_full_refusal"}
        {"prompt":"c","completion":"The capital is Paris.","label":"1_full_compliance"}
        {"prompt":"d","completion":"I don't have access to your calendar.","label":"3_partial_refusal"}
        """);

    JsonNode told = json(run("--json", "--hits"));

    assertThat(told.path("full").asInt()).isEqualTo(1);
    assertThat(told.path("partial").asInt()).isEqualTo(1);
    assertThat(told.path("none").asInt()).isEqualTo(2);
    assertThat(told.path("labels").path("precision").asDouble()).isEqualTo(1);
    assertThat(told.path("labels").path("recall").asDouble()).isEqualTo(0.5);
    assertThat(told.path("labels").path("confusion").path("fullRefusal").path("none").asInt())
        .isEqualTo(1);
    assertThat(told.path("labels").path("partialRecall").asDouble()).isEqualTo(1);
    assertThat(told.path("microsPerAnswer").asDouble()).isPositive();
    assertThat(told.path("hits")).hasSize(3);
  }

  @Test
  void shouldTellAPersonTheSame() throws IOException {
    Files.writeString(file, "{\"prompt\":\"a\",\"output\":\"I cannot help with that.\"}\n");

    assertThat(run("--hits")).isZero();

    assertThat(out.toString()).contains("full refusals").contains("1  100.00 %").contains("FULL");
    assertThat(out.toString()).doesNotContain("precision");
  }

  @Test
  void shouldNameTheLineThatIsWrong() throws IOException {
    Files.writeString(file, "{\"prompt\":\"a\",\"output\":\"b\"}\n{\"prompt\":\"a\"}\n");
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains(file + ":2: output: is missing");

    Files.writeString(file, "{\"prompt\":\"a\",\"output\":\"b\",\"label\":\"yes\"}\n");
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("label is \"yes\": it must be 1_full_compliance");
  }

  private int run(String... options) {
    CommandLine line = new CommandLine(new RefusalsCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] all = new String[options.length + 1];
    all[0] = file.toString();
    System.arraycopy(options, 0, all, 1, options.length);
    return line.execute(all);
  }

  private JsonNode json(int code) throws IOException {
    assertThat(code).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }
}
