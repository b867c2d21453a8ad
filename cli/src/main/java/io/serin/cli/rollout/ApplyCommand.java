package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Applies a rollout file. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = "Applies a rollout file: a new run begins.",
    footer = {
      "",
      "Examples:",
      "  serin rollout apply assistant.yaml --by ann --reason 'first try'",
      "  serin rollout apply assistant.yaml --wait 30s   returns once every live router serves it"
    })
final class ApplyCommand extends ChangeCommand {

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Override
  JsonNode send(ControlClient client, ControlClient.Ask ask)
      throws ControlException, InterruptedException {
    return client.apply(read(file), ask);
  }

  @Override
  String text(JsonNode answer) {
    return RolloutText.applied(answer);
  }
}
