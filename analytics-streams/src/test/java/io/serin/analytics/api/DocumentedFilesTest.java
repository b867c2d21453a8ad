package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Every rollout file, and part of one, that the documentation shows is taken as it stands. */
class DocumentedFilesTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\\n(.*?)^```");
  private static final String REST =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;
  private static final String TWO =
      """
      rollout: assistant
      variants:
        control: {url: http://localhost:8101/v1}
        b:       {url: http://localhost:8102/v1}
        c:       {url: http://localhost:8103/v1}
      """;

  private record Shown(String where, String yaml) {
    @Override
    public String toString() {
      return where;
    }
  }

  static List<Shown> shown() throws IOException {
    List<Shown> shown = new ArrayList<>();
    for (String name : List.of("../README.md", "../docs/rollouts.md", "../docs/shadow.md")) {
      String text = Files.readString(Path.of(name));
      Matcher block = BLOCK.matcher(text);
      while (block.find()) {
        String yaml = block.group(1);
        long line = text.substring(0, block.start()).lines().count() + 1;
        shown.add(new Shown(name + ":" + line, rest(yaml) + yaml));
      }
    }
    return shown;
  }

  /** What a part of a file needs to be one. */
  private static String rest(String part) {
    if (part.contains("rollout:")) {
      return "";
    }
    if (part.contains("variants:")) {
      return "rollout: assistant\n";
    }
    return part.contains("split: {b:") ? TWO : REST;
  }

  @ParameterizedTest
  @MethodSource("shown")
  void shouldTakeWhatIsShown(Shown shown) throws Exception {
    RolloutFile file = RolloutFileReader.read(shown.yaml());
    Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(shown.yaml());

    assertThat(file.candidates()).isNotEmpty();
    assertThat(schema().validate(new ObjectMapper().valueToTree(tree))).isEmpty();
  }

  private static JsonSchema schema() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ControlApi.class.getResourceAsStream("rollout.schema.json"))) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(in);
    }
  }
}
