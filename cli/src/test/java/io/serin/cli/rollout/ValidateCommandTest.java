package io.serin.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ValidateCommandTest {
  private static final String VALID =
      """
      rollout: assistant
      variants:
        control: {url: "http://localhost:8101/v1", credential: "env:KNOWN"}
        gpt-4.1: {url: "http://localhost:8102/v1", credential: "env:MISSING", headers: {x-key: secret-1}}
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Path folder = Path.of("");

  @BeforeEach
  void use(@TempDir Path fresh) {
    folder = fresh;
  }

  @Test
  void shouldCheckAFileWithoutAnyServerAndWarnOfSecretsThatAreMissingHere() throws IOException {
    assertThat(validate(VALID)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("rollout assistant is valid").contains("alpha: 0.01");
    assertThat(err.toString())
        .contains("warning: variants.gpt-4.1.credential: env:MISSING is not set")
        .doesNotContain("KNOWN");
    assertThat(out.toString()).doesNotContain("secret-1");
  }

  @Test
  void shouldWarnOfAFileThatNoServiceWouldRead() throws IOException {
    String file = VALID.replace("env:MISSING", "file:/etc/passwd");

    assertThat(validate(file)).as(err.toString()).isZero();

    assertThat(err.toString())
        .contains("warning: variants.gpt-4.1.credential: file:/etc/passwd cannot be read")
        .contains("SERIN_CREDENTIAL_FOLDER");
  }

  @Test
  void shouldNameLineFieldValueAndRuleOfWhatIsWrong() throws IOException {
    assertThat(validate(VALID + "stages: [{weight: 5, for: 1h}]\n")).isEqualTo(1);
    assertThat(err.toString())
        .contains("line 5: stages[0].weight is 5: is not a percentage; write 5%");
  }

  @Test
  void shouldSayTheSameToPrograms() throws IOException {
    assertThat(validate(VALID + "alpha: 0.9\n", "--json")).isEqualTo(1);
    JsonNode refused = new ObjectMapper().readTree(out.toString());
    assertThat(refused.path("valid").asBoolean()).isFalse();
    assertThat(refused.path("line").asInt()).isEqualTo(5);
    assertThat(refused.path("field").asText()).isEqualTo("alpha");

    out.getBuffer().setLength(0);
    assertThat(validate(VALID, "--json")).isZero();
    JsonNode valid = new ObjectMapper().readTree(out.toString());
    assertThat(valid.path("valid").asBoolean()).isTrue();
    assertThat(valid.path("warnings").size()).isEqualTo(1);
  }

  @Test
  void shouldCallAFileThatIsNotThereWrongUsage() {
    assertThat(run(folder.resolve("nosuch.yaml").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("nosuch.yaml");
  }

  private int validate(String yaml, String... more) throws IOException {
    Path file = folder.resolve("rollout.yaml");
    Files.writeString(file, yaml);
    String[] args = new String[more.length + 1];
    args[0] = file.toString();
    System.arraycopy(more, 0, args, 1, more.length);
    return run(args);
  }

  private int run(String... args) {
    CommandLine line = new CommandLine(new ValidateCommand(Map.of("KNOWN", "key")));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }
}
