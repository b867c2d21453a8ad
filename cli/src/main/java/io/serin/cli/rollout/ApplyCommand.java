package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Applies a rollout file. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = {
      "Applies a rollout file: a new run begins. A rollout that is running or promoted is left as it is: the same file",
      "changes nothing, and another file is refused with what it would do, unless --restart is given."
    },
    footer = {
      "",
      "Examples:",
      "  serin rollout apply assistant.yaml --by ann --reason 'first try'",
      "  serin rollout apply assistant.yaml --wait 30s   returns once every live router serves it",
      "  serin rollout apply assistant.yaml --restart    replaces a run that has not ended"
    })
final class ApplyCommand extends ChangeCommand {

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Option(
      names = "--restart",
      description =
          "Begins a new run also where one is running or promoted: every unit is assigned again.")
  private boolean restart;

  @Override
  JsonNode send(ControlClient client, ControlClient.Ask ask)
      throws ControlException, InterruptedException {
    return client.apply(read(file), ask, restart);
  }

  @Override
  String text(JsonNode answer) {
    return RolloutText.applied(answer);
  }
}
