package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one rollout. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description =
        "Shows a rollout: where it stands, what happens next, guards with evidence, routers.",
    footer = {"", "Example:", "  serin rollout get assistant --json"})
final class GetCommand extends ControlCall {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = known(client, name);
    print(answer, RolloutText.full(answer));
    return 0;
  }
}
