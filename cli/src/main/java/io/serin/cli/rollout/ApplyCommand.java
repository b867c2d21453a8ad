package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Applies a rollout file. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = "Applies a rollout file: a new run begins.",
    footer = {"", "Example:", "  serin rollout apply assistant.yaml --by ann --reason 'first try'"})
final class ApplyCommand extends ControlCall {

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${env:USER:-unknown}",
      description = "Who applies it, for the audit (default ${DEFAULT-VALUE}).")
  private String by = "unknown";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private String reason = "";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    String yaml;
    try {
      yaml = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw wrong("FILE is \"" + file + "\": it must be a text file that can be read (" + e + ")");
    }
    JsonNode answer = client.apply(yaml, by, reason);
    print(
        answer,
        "rollout "
            + answer.path("rollout").asText()
            + " applied: run "
            + answer.path("run").asText());
    return 0;
  }
}
