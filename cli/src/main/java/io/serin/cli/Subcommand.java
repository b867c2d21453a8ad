package io.serin.cli;

import io.serin.analytics.AnalyticsCommand;
import io.serin.cli.compare.CompareCommand;
import io.serin.cli.plan.PlanCommand;
import io.serin.cli.refusals.RefusalsCommand;
import io.serin.cli.rehearse.RehearseCommand;
import io.serin.cli.replay.ReplayVerdictsCommand;
import io.serin.cli.rollout.RolloutCommand;
import io.serin.cli.shadow.ShadowCommand;
import io.serin.cli.simulate.SimulateCommand;
import io.serin.cli.up.UpCommand;
import io.serin.cli.up.WarmUpCommand;
import io.serin.rehearsal.command.ModelServersCommand;
import io.serin.router.RouterCommand;
import io.serin.worker.WorkerCommand;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A subcommand of {@code serin}.
 *
 * @param name as it is typed
 * @param service whether it runs until it is stopped, and logs what it does
 * @param make makes the picocli command
 */
record Subcommand(String name, boolean service, Supplier<Object> make) {

  private static final List<Subcommand> ALL =
      List.of(
          new Subcommand("up", false, UpCommand::new),
          new Subcommand("rehearse", false, RehearseCommand::new),
          new Subcommand("rollout", false, RolloutCommand::new),
          new Subcommand("plan", false, PlanCommand::new),
          new Subcommand("simulate", false, SimulateCommand::new),
          new Subcommand("compare", false, CompareCommand::new),
          new Subcommand("refusals", false, RefusalsCommand::new),
          new Subcommand("shadow", false, ShadowCommand::new),
          new Subcommand("router", true, RouterCommand::new),
          new Subcommand("worker", true, WorkerCommand::new),
          new Subcommand("analytics", true, AnalyticsCommand::new),
          new Subcommand("replay-verdicts", false, ReplayVerdictsCommand::new),
          new Subcommand("warm-up", false, WarmUpCommand::new),
          new Subcommand("topics", false, TopicsCommand::new),
          new Subcommand("models", true, ModelServersCommand::new));

  /** All, in the order in which help lists them. */
  static List<Subcommand> all() {
    return ALL;
  }

  static Optional<Subcommand> named(String name) {
    return ALL.stream().filter(each -> each.name().equals(name)).findFirst();
  }
}
