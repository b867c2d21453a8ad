package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.control.Waiting;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Waits until a rollout is where a pipeline wants it. */
@Command(
    name = "wait",
    mixinStandardHelpOptions = true,
    description =
        "Waits until a rollout is promoted, rolled back, in a stage, …; survives restarts of"
            + " analytics.",
    footer = {
      "",
      "Exit codes: 0 reached; 4 not in time; 5 ended otherwise, it cannot be reached in this run.",
      "",
      "Examples:",
      "  serin rollout wait assistant --for promoted --timeout 14d",
      "  serin rollout wait assistant --for stage=25%% --timeout 30m || serin rollout history"
          + " assistant"
    })
final class WaitCommand extends ControlCall {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Option(
      names = "--for",
      paramLabel = "GOAL",
      required = true,
      description = {
        "promoted, rolled-back, aborted, retired, paused, frozen; stage=NAME (reached or passed);",
        "served (every live router serves the newest command); confirmed (the same, after a"
            + " rollback)."
      })
  private String goal = "";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long to wait at most, such as 30m or 14d (default ${DEFAULT-VALUE}).")
  private String timeout = "30m";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    Goal wanted;
    try {
      wanted = Goal.parse(goal);
    } catch (IllegalArgumentException e) {
      throw wrong("--for is " + e.getMessage());
    }
    Duration most = duration("--timeout", timeout);
    String[] told = {""};
    JsonNode end =
        new Waiting(client, most, this::say)
            .until(
                name,
                now -> {
                  String line = RolloutText.line(now);
                  if (!line.equals(told[0])) {
                    say(line);
                    told[0] = line;
                  }
                  return wanted.from(now) != Goal.Distance.AHEAD;
                });
    if (end == null) {
      fail(name + " is not " + goal + " after " + timeout);
      return TIMED_OUT;
    }
    if (wanted.from(end) == Goal.Distance.MISSED) {
      print(end, RolloutText.line(end));
      fail(name + " will not be " + goal + ": " + end.path("cause").asText());
      return ENDED_OTHERWISE;
    }
    print(end, RolloutText.line(end));
    return 0;
  }
}
