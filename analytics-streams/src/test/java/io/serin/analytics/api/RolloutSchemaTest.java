package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The schema that editors use says what the reader says, as far as a schema can. */
class RolloutSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Sample(String verdict, String what, String yaml) {
    @Override
    public String toString() {
      return verdict + ": " + what;
    }
  }

  static List<Sample> samples() throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (String part : text("files/corpus.txt").split("(?m)^=== ")) {
      if (part.startsWith("#")) {
        continue;
      }
      String title = part.lines().findFirst().orElseThrow();
      samples.add(
          new Sample(
              title.substring(0, title.indexOf(':')),
              title.substring(title.indexOf(':') + 2),
              part.substring(part.indexOf('\n') + 1)));
    }
    return samples;
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldJudgeAFileAsTheReaderDoes(Sample sample) throws IOException {
    Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(sample.yaml());
    var problems = schema().validate(JSON.valueToTree(tree));
    boolean schemaAccepts = problems.isEmpty();
    boolean readerAccepts = readerAccepts(sample.yaml());

    switch (sample.verdict()) {
      case "good" -> {
        assertThat(readerAccepts).as("the reader").isTrue();
        assertThat(schemaAccepts).as("the schema: %s", problems).isTrue();
      }
      case "bad" -> {
        assertThat(readerAccepts).as("the reader").isFalse();
        assertThat(schemaAccepts).as("the schema").isFalse();
      }
      case "rule" -> {
        assertThat(readerAccepts).as("the reader").isFalse();
        assertThat(schemaAccepts).as("what a schema cannot say it lets pass").isTrue();
      }
      default -> throw new AssertionError(sample.verdict());
    }
  }

  @Test
  void shouldNameLineFieldAndRuleOfEveryRefusedFile() throws IOException {
    for (Sample sample : samples()) {
      if (!sample.verdict().equals("good")) {
        try {
          RolloutFileReader.read(sample.yaml());
        } catch (RolloutFileException e) {
          assertThat(e.line()).as(sample.what()).isPositive();
          assertThat(e.field()).as(sample.what()).isNotEmpty();
          assertThat(e.rule()).as(sample.what()).isNotBlank();
          continue;
        }
        throw new AssertionError(sample.what());
      }
    }
  }

  private static boolean readerAccepts(String yaml) {
    try {
      return RolloutFileReader.read(yaml) != null;
    } catch (RolloutFileException e) {
      return false;
    }
  }

  private static JsonSchema schema() throws IOException {
    JsonNode schema = JSON.readTree(text("rollout.schema.json"));
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = RolloutSchemaTest.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
