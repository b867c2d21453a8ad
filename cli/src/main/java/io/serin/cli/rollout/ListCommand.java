package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import picocli.CommandLine.Command;

/** Lists the rollouts. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the rollouts, one a line.",
    footer = {"", "Example:", "  serin rollout list"})
final class ListCommand extends ControlCall {

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = client.list();
    print(answer, RolloutText.list(answer));
    return 0;
  }
}
