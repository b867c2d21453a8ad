package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the candidates of a rollout out of traffic. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = "Takes the candidates of a rollout out of traffic.",
    footer = {"", "Example:", "  serin rollout rollback assistant --reason 'complaints'"})
final class RollbackCommand extends ControlCall {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${env:USER:-unknown}",
      description = "Who asks, for the audit (default ${DEFAULT-VALUE}).")
  private String by = "unknown";

  @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why.")
  private String reason = "";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = client.rollback(name, by, reason);
    print(answer, "rollback of " + name + " asked for; serin rollout get " + name + " tells when");
    return 0;
  }
}
