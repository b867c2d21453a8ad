package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for one change of a rollout. */
abstract class ActionCommand extends ControlCall {

  @Parameters(paramLabel = "NAME", description = "The rollout's name.")
  private String name = "";

  @Mixin private Change change = new Change();

  @Option(
      names = "--variant",
      paramLabel = "VARIANT",
      description = "The one concerned, where there are several.")
  private @Nullable String variant;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = "Waits until every live router serves it, at most so long; then exit code 4.")
  private String wait = "";

  private final String kind;
  private final boolean needsReason;

  ActionCommand(String kind, boolean needsReason) {
    this.kind = kind;
    this.needsReason = needsReason;
  }

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    if (needsReason && !change.reasoned()) {
      throw wrong("--reason is missing: say why");
    }
    Duration most = wait.isEmpty() ? Duration.ZERO : duration("--wait", wait);
    JsonNode answer = client.act(name, kind, change.ask(), variant);
    boolean served = most.isZero() || Waiting.untilServed(client, name, most);
    print(
        answer,
        RolloutText.acted(answer, name, kind)
            + (most.isZero() || !served ? "" : ", served by all"));
    if (!served) {
      fail("not every router serves it after " + wait + ": serin rollout get " + name);
      return TIMED_OUT;
    }
    return 0;
  }

  /** Stops the clock of a rollout. */
  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Stops a rollout where it is: guards go on watching, no stage begins.",
      footer = {"", "Example:", "  serin rollout pause assistant --reason 'release freeze'"})
  static final class Pause extends ActionCommand {
    Pause() {
      super("pause", false);
    }
  }

  /** Lets a paused rollout go on. */
  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Lets a paused rollout go on.",
      footer = {"", "Example:", "  serin rollout resume assistant"})
  static final class Resume extends ActionCommand {
    Resume() {
      super("resume", false);
    }
  }

  /** Goes to the next stage, or flips after the last. */
  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = "Goes on to the next stage at once, or, in the last, to the flip.",
      footer = {
        "",
        "Example:",
        "  serin rollout promote assistant --reason 'looked at it ourselves'"
      })
  static final class Promote extends ActionCommand {
    Promote() {
      super("promote", false);
    }
  }

  /** Takes the candidates of a rollout out of traffic. */
  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = "Takes the candidates of a rollout out of traffic, at once.",
      footer = {
        "",
        "Examples:",
        "  serin rollout rollback assistant --reason 'complaints'",
        "  serin rollout rollback assistant --reason 'complaints' --wait 30s   until no router sends to it"
      })
  static final class Rollback extends ActionCommand {
    Rollback() {
      super("rollback", true);
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
      super("abort", false);
    }
  }

  /** Ends a run for good. */
  @Command(
      name = "retire",
      mixinStandardHelpOptions = true,
      description = {
        "Ends a rollout that is promoted, rolled back or aborted, for good: routers send nothing any more, not even as a fallback, to the variants that own no share.",
        "They may be switched off."
      },
      footer = {"", "Example:", "  serin rollout retire assistant --wait 30s"})
  static final class Retire extends ActionCommand {
    Retire() {
      super("retire", false);
    }
  }

  /** Lets a variant back that routers removed by themselves. */
  @Command(
      name = "clear-trip",
      mixinStandardHelpOptions = true,
      description = "Lets a variant back in that routers took out by themselves.",
      footer = {"", "Example:", "  serin rollout clear-trip assistant --variant candidate"})
  static final class ClearTrip extends ActionCommand {
    ClearTrip() {
      super("clear-trip", false);
    }
  }
}
