package io.serin.cli.up;

import io.serin.cli.command.Terminal;
import io.serin.cli.control.ControlException;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts everything on this machine and keeps it running until it is stopped. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts everything on this machine, and keeps it running until Ctrl-C: a Kafka broker, a schema"
          + " registry, router, shadow worker and analytics, each a process of its own.",
      "Without --rollout, two model servers and the rollout \"assistant\" are there to try it with."
    },
    footer = {
      "",
      "Exit codes: 1 it could not start (the message says why), 2 wrong usage, 130 or 143 stopped.",
      "",
      "Examples:",
      "  serin up",
      "  serin up --rollout assistant.yaml --data /var/lib/serin",
      "  serin up --kafka broker:9093 --kafka-config sasl.properties --registry https://registry:8081",
      "  serin up --routers 2 --port 0 --admin-port 0 --json"
    })
public final class UpCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Mixin private UpOptions options = new UpOptions();

  @Option(
      names = "--json",
      description =
          "Prints one line of JSON, once everything answers, with all addresses and processes; and"
              + " nothing else.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = terminal.out();
    StackOptions stackOptions = options.stack(terminal.line());
    long begun = System.nanoTime();
    StartProgress progress = json ? StartProgress.silent() : StartProgress.to(out);
    progress.begin(stackOptions);
    try {
      StartRollouts.check(options);
      Stack stack = Stack.start(stackOptions, progress);
      StartRollouts.apply(stack, options, progress);
      if (json) {
        out.println(Readiness.json(stack));
        out.flush();
      } else {
        Readiness.print(stack, options, out, System.nanoTime() - begun);
      }
      if (stack.cachesMissing()) {
        BackgroundWarmUp.beginLater(stack.data());
      }
      new CountDownLatch(1).await(); // the stack's shutdown hook stops it
      return 0;
    } catch (StackException | ControlException e) {
      terminal.fail(e.getMessage());
      return 1;
    }
  }
}
