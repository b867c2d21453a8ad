package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares a rollout file with the one that is applied. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what applying a file would change, field by field, defaults filled in. Nothing changes.",
      "Applying it begins a new run even where nothing differs."
    },
    footer = {
      "",
      "Examples:",
      "  serin rollout diff assistant.yaml",
      "  serin rollout diff assistant.yaml --exit-code || serin rollout apply assistant.yaml"
    })
final class DiffCommand extends ControlCall {

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Option(names = "--exit-code", description = "Exit code 5 where anything differs.")
  private boolean exitCode;

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = client.diff(read(file));
    print(answer, RolloutText.diff(answer));
    return exitCode && !answer.path("changes").isEmpty() ? ENDED_OTHERWISE : 0;
  }
}
