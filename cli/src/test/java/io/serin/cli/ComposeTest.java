package io.serin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine;

/** docker-compose.yml names only what exists. Docker itself is not needed. */
class ComposeTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern VARIABLE = Pattern.compile("SERIN_[A-Z0-9_]+");

  private final Map<String, Object> compose = yaml("docker-compose.yml");
  private final Map<String, Object> services = map(compose, "services");

  private static Map<String, Object> yaml(String file) {
    try {
      return new Yaml().load(Files.readString(ROOT.resolve(file)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> node, String field) {
    return (Map<String, Object>) node.getOrDefault(field, Map.of());
  }

  @SuppressWarnings("unchecked")
  private static List<String> list(Map<String, Object> node, String field) {
    return (List<String>) node.getOrDefault(field, List.of());
  }

  /** The environment variables that a command's options read. */
  private static Set<String> variables(String command) {
    CommandLine line = new CommandLine(Subcommand.named(command).orElseThrow().make().get());
    Set<String> names = new TreeSet<>();
    line.getCommandSpec()
        .options()
        .forEach(
            option -> {
              Matcher matcher = VARIABLE.matcher(String.join(" ", option.description()));
              while (matcher.find()) {
                names.add(matcher.group());
              }
            });
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {"router", "worker", "analytics", "models"})
  void shouldRunCommandsWithVariablesThatTheirOptionsRead(String name) {
    Map<String, Object> service = map(services, name);

    String command = list(service, "command").getFirst();

    assertThat(command).isEqualTo(name);
    assertThat(variables(command)).containsAll(map(service, "environment").keySet());
    assertThat(map(service, "build")).containsEntry("dockerfile", "docker/Dockerfile");
  }

  @Test
  void shouldWaitOnlyForServicesThatTellTheirHealth() {
    services.forEach(
        (name, each) -> {
          @SuppressWarnings("unchecked")
          Map<String, Object> service = (Map<String, Object>) each;
          for (String needed : map(service, "depends_on").keySet()) {
            assertThat(services).as("needed by " + name).containsKey(needed);
            assertThat(map(map(services, needed), "healthcheck")).as(needed).containsKey("test");
          }
        });
  }

  @Test
  void shouldMountWhatExists() {
    services.forEach(
        (name, each) -> {
          @SuppressWarnings("unchecked")
          Map<String, Object> service = (Map<String, Object>) each;
          for (String volume : list(service, "volumes")) {
            String source = volume.split(":", -1)[0];
            if (source.startsWith(".")) {
              assertThat(ROOT.resolve(source)).as(name).exists();
            } else {
              assertThat(map(compose, "volumes")).as(name).containsKey(source);
            }
          }
          for (String port : list(service, "ports")) {
            assertThat(port).as("only this machine").startsWith("127.0.0.1:");
          }
        });
  }

  @Test
  void shouldScrapeServicesThatExist() throws IOException {
    String prometheus = Files.readString(ROOT.resolve("docker/prometheus/prometheus.yml"));
    Matcher targets = Pattern.compile("targets: \\[([a-z]+):(\\d+)]").matcher(prometheus);
    int found = 0;
    while (targets.find()) {
      found++;
      assertThat(list(map(services, targets.group(1)), "ports").toString())
          .contains(":" + targets.group(2));
    }
    assertThat(found).isEqualTo(3);
  }

  @Test
  void shouldBuildTheImageFromFilesThatExist() throws IOException {
    String dockerfile = Files.readString(ROOT.resolve("docker/Dockerfile"));

    assertThat(dockerfile).contains("io.serin.cli.Main").contains("docker/healthy.sh");
    assertThat(Files.isExecutable(ROOT.resolve("docker/healthy.sh"))).isTrue();
  }
}
