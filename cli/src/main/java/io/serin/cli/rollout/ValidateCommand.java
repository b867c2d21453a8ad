package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks a rollout file. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description = "Checks a rollout file, and shows it with its defaults. Nothing changes.",
    footer = {
      "",
      "Exit codes: 0 it can be applied; 1 it cannot: the message names line, field, value and rule.",
      "",
      "Example:",
      "  serin rollout validate assistant.yaml"
    })
final class ValidateCommand extends ControlCall {

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = client.validate(read(file));
    print(answer, RolloutText.validated(answer));
    return 0;
  }
}
