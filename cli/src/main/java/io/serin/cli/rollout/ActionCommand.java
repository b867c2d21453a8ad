package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for one action on a rollout. */
abstract class ActionCommand extends ChangeCommand {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Option(
      names = "--variant",
      paramLabel = "VARIANT",
      description = "Only this candidate (default: all of them).")
  private @Nullable String variant;

  private final String kind;

  ActionCommand(String kind) {
    this.kind = kind;
  }

  @Override
  JsonNode send(ControlClient client, ControlClient.Ask ask)
      throws ControlException, InterruptedException {
    return client.act(name, kind, ask, variant);
  }

  @Override
  String text(JsonNode answer) {
    return RolloutText.acted(answer, name, kind);
  }

  /** Stops the clock of a rollout. */
  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Stops a rollout where it is: guards keep watching, no stage begins.",
      footer = {"", "Example:", "  serin rollout pause assistant --reason 'release freeze'"})
  static final class Pause extends ActionCommand {
    Pause() {
      super("pause");
    }
  }

  /** Resumes a paused rollout. */
  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Resumes a paused rollout.",
      footer = {"", "Example:", "  serin rollout resume assistant"})
  static final class Resume extends ActionCommand {
    Resume() {
      super("resume");
    }
  }

  /** Starts the next stage, or flips after the last. */
  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = "Starts the next stage at once; in the last stage, the flip.",
      footer = {"", "Example:", "  serin rollout promote assistant --reason 'checked by hand'"})
  static final class Promote extends ActionCommand {
    Promote() {
      super("promote");
    }
  }

  /** Takes the candidates of a rollout out of traffic. */
  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = "Takes the candidates of a rollout out of traffic at once.",
      footer = {
        "",
        "Examples:",
        "  serin rollout rollback assistant",
        "  serin rollout rollback assistant --reason 'complaints' --wait 30s   returns once no router uses it"
      })
  static final class Rollback extends ActionCommand {
    Rollback() {
      super("rollback");
    }
  }

  /** Ends a run without a verdict. */
  @Command(
      name = "abort",
      mixinStandardHelpOptions = true,
      description = "Ends a rollout without a verdict: all units go to control.",
      footer = {"", "Example:", "  serin rollout abort assistant --reason 'wrong file'"})
  static final class Abort extends ActionCommand {
    Abort() {
      super("abort");
    }
  }

  /** Ends a run for good. */
  @Command(
      name = "retire",
      mixinStandardHelpOptions = true,
      description = {
        "Ends a promoted, rolled-back or aborted rollout for good. Routers no longer call variants without a share, not",
        "even as a fallback: those model servers can be shut down."
      },
      footer = {"", "Example:", "  serin rollout retire assistant --wait 30s"})
  static final class Retire extends ActionCommand {
    Retire() {
      super("retire");
    }
  }

  /** Readmits a variant that routers removed by themselves. */
  @Command(
      name = "clear-trip",
      mixinStandardHelpOptions = true,
      description = "Readmits a variant that routers removed by themselves.",
      footer = {"", "Example:", "  serin rollout clear-trip assistant --variant candidate"})
  static final class ClearTrip extends ActionCommand {
    ClearTrip() {
      super("clear-trip");
    }
  }
}
