package io.serin.cli.rollout;

import io.serin.cli.command.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands that handle rollouts. */
@Command(
    name = "rollout",
    mixinStandardHelpOptions = true,
    description = "Applies, shows, steers and explains rollouts over the control API.",
    subcommands = {
      ApplyCommand.class,
      GetCommand.class,
      ListCommand.class,
      WatchCommand.class,
      WaitCommand.class,
      HistoryCommand.class,
      ActionCommand.Pause.class,
      ActionCommand.Resume.class,
      ActionCommand.Promote.class,
      ActionCommand.Rollback.class,
      ActionCommand.Abort.class,
      ActionCommand.Retire.class,
      ActionCommand.ClearTrip.class,
      FreezeCommand.All.class,
      FreezeCommand.Lift.class,
      DeleteCommand.class,
      ValidateCommand.class,
      DiffCommand.class,
      SchemaCommand.class,
      OverrideCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 refused (the message says why), 2 wrong usage, 3 nothing answers,",
      "4 not in time, 5 it ended otherwise (wait) or differs (diff --exit-code).",
      "",
      "Examples:",
      "  serin rollout apply assistant.yaml --by ann --reason 'gpt-4o-mini, first try'",
      "  serin rollout get assistant",
      "  serin rollout wait assistant --for promoted --timeout 30d",
      "  serin rollout history assistant",
      "  serin rollout rollback assistant --reason 'complaints'"
    })
public final class RolloutCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Override
  public Integer call() {
    terminal.line().usage(terminal.out());
    return 2;
  }
}
