package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
final class ApplyCommand extends ControlCall {

  @Parameters(paramLabel = "FILE", description = "The rollout file, YAML.")
  private Path file = Path.of("");

  @Mixin private Change change = new Change();

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = "Waits until every live router serves it, at most so long; then exit code 4.")
  private String wait = "";

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    Duration most = wait.isEmpty() ? Duration.ZERO : duration("--wait", wait);
    JsonNode answer = client.apply(read(file), change.ask());
    String name = answer.path("rollout").asText();
    boolean served = most.isZero() || Waiting.untilServed(client, name, most);
    print(
        answer, RolloutText.applied(answer) + (most.isZero() || !served ? "" : ", served by all"));
    if (!served) {
      fail("not every router serves it after " + wait + ": serin rollout get " + name);
      return TIMED_OUT;
    }
    return 0;
  }
}
