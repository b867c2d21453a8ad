package io.serin.cli.shadow;

import io.serin.cli.command.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code serin shadow}. */
@Command(
    name = "shadow",
    mixinStandardHelpOptions = true,
    description =
        "Compares what was replayed, replays captured requests of the past, and shows how replays stand.",
    subcommands = {BackfillCommand.class, LiveCompareCommand.class, StatusCommand.class},
    footer = {
      "",
      "Examples:",
      "  serin shadow backfill assistant --from -24h --dry-run",
      "  serin shadow backfill assistant --from -24h --limit 500",
      "  serin shadow compare assistant --html report.html",
      "  serin shadow status assistant"
    })
public final class ShadowCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Override
  public Integer call() {
    terminal.line().usage(terminal.out());
    return 2;
  }
}
