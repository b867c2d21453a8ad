package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what happened to a rollout. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description =
        "Explains what happened to a rollout, step by step: who asked, what was done, on what"
            + " evidence.",
    footer = {"", "Example:", "  serin rollout history assistant --limit 20"})
final class HistoryCommand extends ControlCall {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The newest steps, 1 … 1000 (default ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Option(
      names = "--before",
      paramLabel = "TIME",
      description = "Those before a time, as the line \"earlier\" names it.")
  private @Nullable String before;

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    if (limit < 1 || limit > 1_000) {
      throw wrong("--limit is " + limit + ": it must be from 1 to 1000");
    }
    JsonNode answer = client.history(name, limit, before);
    print(answer, RolloutText.history(answer));
    return 0;
  }
}
