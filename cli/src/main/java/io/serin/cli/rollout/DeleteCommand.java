package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Deletes a retired rollout. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = {
      "Deletes a retired rollout: routers and lists no longer know it. Its actions and events stay on their topics; a",
      "file of the same name may be applied again."
    },
    footer = {"", "Example:", "  serin rollout delete assistant"})
final class DeleteCommand extends ControlCall {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = client.delete(name);
    print(answer, name + " is deleted; its audit stays on serin.actions and serin.events");
    return 0;
  }
}
