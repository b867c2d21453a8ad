package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.command.AuditOptions;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Pauses every rollout of an installation, or resumes them. */
abstract class FreezeCommand extends ControlCall {

  @Mixin private AuditOptions audit = new AuditOptions();

  private final boolean freeze;

  FreezeCommand(boolean freeze) {
    this.freeze = freeze;
  }

  @Override
  final int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode answer = client.freezeAll(freeze, ControlClient.Ask.by(audit.by(), audit.reason()));
    print(answer, RolloutText.frozen(answer, freeze));
    return 0;
  }

  /** Pauses all. */
  @Command(
      name = "freeze-all",
      mixinStandardHelpOptions = true,
      description = {
        "Pauses every rollout where it stands, such as for a release freeze. Guards keep watching and roll back. A rollout",
        "that is applied later starts paused, with all units on control, until unfreeze-all or its own resume."
      },
      footer = {"", "Example:", "  serin rollout freeze-all --by ann --reason 'end of quarter'"})
  static final class All extends FreezeCommand {
    All() {
      super(true);
    }
  }

  /** Resumes all. */
  @Command(
      name = "unfreeze-all",
      mixinStandardHelpOptions = true,
      description =
          "Resumes what freeze-all paused. Rollouts that a person paused by name stay paused.",
      footer = {"", "Example:", "  serin rollout unfreeze-all --by ann"})
  static final class Lift extends FreezeCommand {
    Lift() {
      super(false);
    }
  }
}
