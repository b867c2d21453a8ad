package io.serin.cli.shadow;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
    return 2;
  }
}
