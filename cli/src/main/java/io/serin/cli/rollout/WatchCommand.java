package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import java.util.HashSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Follows a rollout. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what happens to a rollout as it happens, until Ctrl-C: its events and its state.",
      "With --json, each state on a line of its own."
    },
    footer = {"", "Example:", "  serin rollout watch assistant"})
final class WatchCommand extends ControlCall {

  private static final long PAUSE_MILLIS = 1_000;

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  private final Set<String> told = new HashSet<>();
  private String line = "";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    boolean answered = false;
    while (true) {
      try {
        if (!answered) {
          var unused = known(client, name);
          answered = true;
        }
        client.watch(name, this::tell);
      } catch (ControlException e) {
        // A controller that has just started knows no rollout yet.
        if (!answered || (e.status() != 0 && e.status() != 404)) {
          throw e;
        }
        say(e.getMessage() + "; retrying");
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private void tell(JsonNode rollout) {
    StringBuilder text = new StringBuilder();
    for (JsonNode event : rollout.path("events")) {
      String line = RolloutText.event(event);
      if (told.add(line)) {
        text.append(line).append(System.lineSeparator());
      }
    }
    String now = RolloutText.line(rollout);
    if (!now.equals(line)) {
      line = now;
      text.append(now).append(System.lineSeparator());
    }
    String news = text.toString().stripTrailing();
    if (json() || !news.isEmpty()) {
      print(rollout, news);
    }
  }
}
