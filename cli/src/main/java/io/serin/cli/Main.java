package io.serin.cli;

import io.serin.schemas.connect.EnvironmentDefaults;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The {@code serin} command. */
@Command(
    name = "serin",
    mixinStandardHelpOptions = true,
    version = "serin 0.1.0",
    description = "Safe rollouts of AI models: split live LLM traffic, measure, decide, roll back.",
    footer = {
      "",
      "Examples:",
      "  serin up                       starts everything on this machine, with a demonstration",
      "  serin rehearse                 shows a rollout that goes wrong, and what Serin does about"
          + " it",
      "  serin rollout apply FILE --by ann --reason 'new model'",
      "  serin up --help                shows a command's options, with examples",
    })
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    Optional<Subcommand> wanted = args.length == 0 ? Optional.empty() : Subcommand.named(args[0]);
    if (System.getProperty("logback.configurationFile") == null) {
      boolean service = wanted.map(Subcommand::service).orElse(false);
      System.setProperty(
          "logback.configurationFile",
          service ? "serin-service-logback.xml" : "serin-cli-logback.xml");
    }
    // Making a command reads its options: only the wanted one is made.
    CommandLine line = commandLine(wanted.map(List::of).orElseGet(Subcommand::all));
    if (args.length == 0) {
      line.usage(System.out);
      System.exit(0);
    }
    System.exit(line.execute(args));
  }

  /** The command with the given subcommands. */
  static CommandLine commandLine(List<Subcommand> subcommands) {
    CommandLine line = new CommandLine(CommandSpec.forAnnotatedObject(new Main()));
    subcommands.forEach(each -> line.addSubcommand(each.name(), each.make().get()));
    // Of all subcommands too.
    line.setUsageHelpWidth(110);
    line.setDefaultValueProvider(new EnvironmentDefaults());
    return line;
  }
}
