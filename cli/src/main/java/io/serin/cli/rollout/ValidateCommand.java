package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.rollout.RolloutDiff;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.schemas.secret.SecretReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a rollout file without any server, by the rules that the control API applies. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a rollout file, and shows it with its defaults. Works offline: nothing is called,"
          + " nothing changes.",
      "A secret that cannot be read on this machine is a warning, since the routers read it."
    },
    footer = {
      "",
      "Exit codes: 0 the file is valid; 1 it is not: the message names line, field, value and rule;"
          + " 2 wrong usage.",
      "",
      "Example:",
      "  serin rollout validate assistant.yaml"
    })
final class ValidateCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private Terminal terminal = new Terminal();

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  ValidateCommand() {
    this(System.getenv());
  }

  ValidateCommand(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public Integer call() {
    String yaml;
    try {
      yaml = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw terminal.wrong("FILE is " + file + ": must be a text file that can be read");
    }
    try {
      valid(RolloutFileReader.read(yaml));
      return 0;
    } catch (RolloutFileException e) {
      refused(e);
      return 1;
    }
  }

  private void valid(RolloutFile rollout) {
    List<String> warnings = warnings(rollout);
    ObjectNode answer = new ObjectMapper().createObjectNode();
    answer.put("valid", true);
    answer.put("rollout", rollout.rollout());
    ObjectNode fields = answer.putObject("fields");
    RolloutDiff.shown(rollout).forEach(fields::put);
    ArrayNode array = answer.putArray("warnings");
    warnings.forEach(array::add);
    if (!json) {
      warnings.forEach(warning -> terminal.say("warning: " + warning));
    }
    terminal.print(json ? answer.toString() : RolloutText.validated(answer));
  }

  private void refused(RolloutFileException refused) {
    if (!json) {
      terminal.say("serin: " + file + ": " + refused.getMessage());
      return;
    }
    ObjectNode answer = new ObjectMapper().createObjectNode();
    answer.put("valid", false);
    answer.put("line", refused.line());
    answer.put("field", refused.field());
    answer.put("value", refused.value());
    answer.put("rule", refused.rule());
    answer.put("message", refused.getMessage());
    terminal.print(answer.toString());
  }

  /** By the rule of the services that read them: {@link SecretReader}. */
  private List<String> warnings(RolloutFile rollout) {
    SecretReader secrets = new SecretReader(environment);
    List<String> warnings = new ArrayList<>();
    rollout
        .secrets()
        .forEach(
            (field, reference) -> {
              if (secrets.read(reference) instanceof SecretReader.Secret.Missing(String reason)) {
                warnings.add(field + ": " + reason + " (checked on this machine)");
              }
            });
    return warnings;
  }
}
