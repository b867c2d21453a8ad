package io.serin.benchmarks.rollback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long three routers under traffic go on serving a candidate that is rolled back, as their
 * users see it: after a person asked for it, and after the request on whose evidence the controller
 * decided. The rollback has reached a router when a user who was served by the candidate is served
 * by control.
 */
@Command(
    name = "rollback-benchmark",
    mixinStandardHelpOptions = true,
    description = {
      "How long a rollback takes to reach every router, as users see it: asked for by a person, and"
          + " decided",
      "by the controller on a candidate that begins to refuse."
    },
    footer = {
      "",
      "Example:",
      "  benchmarks/run rollback --rollbacks 100 --decided 20 --json rollback.json",
      "",
      "Exit codes: 0 within the goals (500 ms at p95, 1 s); 1 not, or an answer was lost; 2 wrong"
          + " usage."
    })
public final class RollbackBenchmark implements Callable<Integer> {

  static final String ROLLOUT = "assistant";

  private static final double ASKED_GOAL_MILLIS = 500;
  private static final double DECIDED_GOAL_MILLIS = 1_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--routers",
      paramLabel = "N",
      description = "Routers, 1 … 16 (default ${DEFAULT-VALUE}).")
  private int routers = 3;

  @Option(
      names = "--rollbacks",
      paramLabel = "N",
      description = "Rollbacks that are asked for (default ${DEFAULT-VALUE}).")
  private int asked = 100;

  @Option(
      names = "--decided",
      paramLabel = "N",
      description = "Rollbacks that the controller decides (default ${DEFAULT-VALUE}).")
  private int decided = 20;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Rollbacks of each kind before the measured ones, while code is compiled (default"
              + " ${DEFAULT-VALUE}).")
  private int warmUp = 15;

  @Option(
      names = "--every",
      paramLabel = "MILLIS",
      description =
          "Between two requests of each router's user, and of one who comes once (default"
              + " ${DEFAULT-VALUE}): the resolution of the figures, and the load that they are"
              + " measured under.")
  private int everyMillis = 20;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures as JSON too.")
  private @Nullable Path json;

  private RollbackBenchmark() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new RollbackBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("serin-rollback");
    System.err.println("starting " + routers + " routers; logs in " + folder);
    try (Models models = new Models(1);
        Stack stack =
            Stack.start(
                StackOptions.in(folder)
                    .ports(Ports.ANY)
                    .routers(routers)
                    .parts(EnumSet.of(Part.BROKER, Part.REGISTRY, Part.ROUTER, Part.ANALYTICS))
                    .arguments(Part.ROUTER, List.of("--reveal-variant"))
                    .build(),
                event -> {});
        Deciding deciding = new Deciding(stack.kafka())) {
      ControlClient control = new ControlClient(stack.controlUrl().orElseThrow());
      Rounds rounds = new Rounds(models, control);
      rounds.apply("first"); // A router that knows no rollout answers nobody.
      List<Probe> probes = new ArrayList<>();
      try {
        for (URI router : stack.routerUrls()) {
          probes.add(new Probe("r" + probes.size(), router, everyMillis));
        }
        return measure(rounds, probes, deciding);
      } finally {
        probes.forEach(Probe::close);
      }
    } catch (StackException | ControlException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private int measure(Rounds rounds, List<Probe> probes, Deciding deciding)
      throws IOException, InterruptedException, ControlException {
    for (int i = 0; i < warmUp; i++) {
      progress("warm-up, asked", i, warmUp, ask(rounds, probes, "warm-up-asked-" + i));
    }
    double[][] afterAsking = new double[asked][];
    for (int i = 0; i < asked; i++) {
      afterAsking[i] = ask(rounds, probes, "asked-" + i);
      progress("asked", i, asked, afterAsking[i]);
    }
    for (int i = 0; i < warmUp && decided > 0; i++) {
      Reached reached = decide(rounds, probes, deciding, "warm-up-decided-" + i);
      progress("warm-up, decided", i, warmUp, reached.toArray());
    }
    double[][] afterDeciding = new double[decided][];
    double[] toCommand = new double[decided];
    for (int i = 0; i < decided; i++) {
      Reached reached = decide(rounds, probes, deciding, "decided-" + i);
      toCommand[i] = reached.commandMillis();
      afterDeciding[i] = reached.toArray();
      progress("decided", i, decided, afterDeciding[i]);
    }
    return report(probes, afterAsking, afterDeciding, toCommand);
  }

  /** Until each router's user is served by control after the call, in milliseconds. */
  private static double[] ask(Rounds rounds, List<Probe> probes, String version)
      throws InterruptedException, ControlException {
    rounds.apply(version);
    for (Probe probe : probes) {
      probe.findCandidate(version);
    }
    long began = System.nanoTime();
    rounds.control.rollback(ROLLOUT, "benchmark", version);
    double[] millis = new double[probes.size()];
    for (int r = 0; r < probes.size(); r++) {
      probes.get(r).await("control");
      millis[r] = (probes.get(r).controlSinceNanos() - began) / 1e6;
    }
    return millis;
  }

  /**
   * How a decided rollback went.
   *
   * @param commandMillis from the deciding request's end to the command
   * @param millis from there to the candidate's last answer by each router
   */
  private record Reached(double commandMillis, List<Double> millis) {
    double[] toArray() {
      return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  private static Reached decide(
      Rounds rounds, List<Probe> probes, Deciding deciding, String version)
      throws IOException, InterruptedException, ControlException {
    String run = rounds.apply(version);
    for (Probe probe : probes) {
      probe.findCandidate(version);
    }
    rounds.models.spoil(0);
    for (Probe probe : probes) {
      probe.await("control");
    }
    rounds.models.heal(0);
    Deciding.Decided found = deciding.of(run);
    return new Reached(
        found.commandMillis() - found.eventMillis(),
        probes.stream()
            .map(probe -> (double) (probe.candidateUntilMillis() - found.eventMillis()))
            .toList());
  }

  private int report(
      List<Probe> probes, double[][] afterAsking, double[][] afterDeciding, double[] toCommand)
      throws IOException {
    long requests = probes.stream().mapToLong(Probe::requests).sum();
    long failures = probes.stream().mapToLong(Probe::failures).sum();
    Times first = Times.of(afterAsking, true);
    Times all = Times.of(afterAsking, false);
    Times auto = Times.of(afterDeciding, false);
    Times command = Times.of(toCommand);
    System.out.printf(
        Locale.ROOT,
        """
        %d routers, %,d requests, %d of them not answered; times in milliseconds

                                                                            n     p50     p95     max
        asked for → first router's user is served by control           %6d%s
        asked for → last router's user is served by control            %6d%s
        deciding request's end → command issued                        %6d%s
        deciding request's end → the candidate's last answer anywhere  %6d%s

        Users are asked every %d ms, which is in the figures. A person's command line takes the start of a JVM
        more: benchmarks/README.md.
        """,
        probes.size(),
        requests,
        failures,
        first.n(),
        first.text(),
        all.n(),
        all.text(),
        command.n(),
        command.text(),
        auto.n(),
        auto.text(),
        everyMillis);
    if (json != null) {
      ObjectNode out = JSON.createObjectNode();
      out.put("routers", probes.size()).put("requests", requests).put("failures", failures);
      out.set("askedFirstRouter", first.json());
      out.set("askedLastRouter", all.json());
      out.set("decidedCommand", command.json());
      out.set("decidedLastRouter", auto.json());
      Files.writeString(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(out) + "\n");
    }
    boolean within =
        failures == 0 && !(all.p95() >= ASKED_GOAL_MILLIS) && !(auto.max() >= DECIDED_GOAL_MILLIS);
    System.out.println(within ? "within the goals" : "NOT within the goals");
    return within ? 0 : 1;
  }

  private static void progress(String what, int i, int of, double[] millis) {
    System.err.printf(
        Locale.ROOT,
        "%s %d of %d: %s ms%n",
        what,
        i + 1,
        of,
        Arrays.toString(Arrays.stream(millis).mapToLong(Math::round).toArray()));
  }

  /** Runs of a rollout, one after the other. */
  private record Rounds(Models models, ControlClient control) {

    /**
     * Half of the users go to a candidate that is new by its model's name.
     *
     * @return the run
     */
    String apply(String version) throws ControlException, InterruptedException {
      control.apply(
          """
          rollout: %s
          unit: [header:x-user-id]
          variants:
            control:   {url: %s}
            candidate: {url: %s, model: %s}
          stages:
            - {weight: 50%%}
          guards:
            - {metric: refusal.rate, worseBy: 0, then: rollback}
          """
              .formatted(ROLLOUT, models.url("control"), models.url("candidate0"), version),
          ControlClient.Ask.by("benchmark", ""),
          true);
      for (int i = 0; i < 1_000; i++) {
        JsonNode now = control.get(ROLLOUT).orElse(null);
        if (now != null
            && now.toString().contains("\"" + version + "\"")
            && now.path("state").asText().equals("RUNNING")) {
          return now.path("run").asText();
        }
        Thread.sleep(20);
      }
      throw new IllegalStateException("version " + version + " did not begin within 20 s");
    }
  }
}
