package io.serin.benchmarks.rollback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.rehearse.HostileRecords;
import io.serin.cli.rehearse.RailsFault;
import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Whether many rollouts on one stack are rolled back as quickly while another one fails. In turn, a
 * good rollout's candidate begins to refuse: undisturbed, and while one other rollout is made to
 * fail in one of the ways of the rails. Measured from the first refusal to the candidate's last
 * answer by any router.
 */
@Command(
    name = "rails-benchmark",
    mixinStandardHelpOptions = true,
    description = {
      "How long the controller takes to roll back a bad candidate, undisturbed and while another"
          + " rollout on the",
      "same stack fails in each of the ways of the rails: side by side, in one run."
    },
    footer = {
      "",
      "Example:",
      "  benchmarks/run rails --rollouts 50 --rounds 5 --json rails.json --svg rails.svg",
      "",
      "Exit codes: 0 where the disturbed median is within 20 % of the undisturbed; 1 where not, or"
          + " an answer was lost;",
      "2 wrong usage."
    })
public final class RailsBenchmark implements Callable<Integer> {

  private static final String UNDISTURBED = "undisturbed";
  private static final String AB_CONTROL_DOWN = "ab-control-down";
  private static final double GOAL = 1.2;
  private static final long GONE_MILLIS = 700;

  /** What doing the harm costs this process is over then; what it does to the stack is not. */
  private static final long INJECTOR_MILLIS = 1_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--rollouts",
      paramLabel = "N",
      description =
          "Rollouts that are live, 3 … 500; one of them is made to fail (default"
              + " ${DEFAULT-VALUE}).")
  private int rollouts = 50;

  @Option(
      names = "--routers",
      paramLabel = "N",
      description = "Routers, 1 … 16 (default ${DEFAULT-VALUE}).")
  private int routers = 2;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Rollbacks under each fault, and as many undisturbed ones beside each (default"
              + " ${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Rollbacks before the measured ones, while code is compiled (default ${DEFAULT-VALUE}).")
  private int warmUp = 10;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests a second of all rollouts together (default ${DEFAULT-VALUE}).")
  private double rate = 25;

  @Option(
      names = "--watched-rate",
      paramLabel = "N",
      description = "Requests a second of the rollout that is measured (default ${DEFAULT-VALUE}).")
  private double watchedRate = 40;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures as JSON too.")
  private @Nullable Path json;

  @Option(names = "--svg", paramLabel = "FILE", description = "Draws the figures too.")
  private @Nullable Path svg;

  private RailsBenchmark() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new RailsBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("serin-rails");
    System.err.println(
        "starting " + routers + " routers for " + rollouts + " rollouts; logs in " + folder);
    List<String> names = IntStream.range(0, rollouts).mapToObj(i -> "rollout-" + i).toList();
    try (Models models = new Models(rollouts);
        Stack stack =
            Stack.start(
                StackOptions.in(folder)
                    .ports(Ports.ANY)
                    .routers(routers)
                    .parts(EnumSet.of(Part.BROKER, Part.REGISTRY, Part.ROUTER, Part.ANALYTICS))
                    .build(),
                event -> {})) {
      ControlClient control = new ControlClient(stack.controlUrl().orElseThrow());
      Scene scene = new Scene(models, control, new HostileRecords(stack.kafka()), names);
      for (int i = 0; i < rollouts; i++) {
        scene.apply(i, "first");
      }
      System.err.println(rollouts + " rollouts are live");
      try (ManyUsers users = new ManyUsers(stack.routerUrls(), names, rate, watchedRate)) {
        return measure(scene, users);
      }
    } catch (StackException | ControlException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  /** All ways in which a rollout is made to fail. */
  private static List<String> faults() {
    List<String> faults = new ArrayList<>(RailsFault.kinds());
    faults.add(AB_CONTROL_DOWN);
    return faults;
  }

  private int measure(Scene scene, ManyUsers users)
      throws IOException, InterruptedException, ControlException {
    Map<String, List<Double>> millis = new LinkedHashMap<>();
    int turn = 0;
    for (int i = 0; i < warmUp; i++) {
      progress("warm-up", i, warmUp, scene.round(users, victim(turn++), UNDISTURBED));
    }
    List<String> faults = faults();
    int all = 2 * rounds * faults.size();
    int done = 0;
    for (int round = 0; round < rounds; round++) {
      for (String fault : faults) {
        for (String how : List.of(UNDISTURBED, fault)) {
          double took = scene.round(users, victim(turn++), how);
          millis.computeIfAbsent(how, h -> new ArrayList<>()).add(took);
          progress(how, done++, all, took);
        }
      }
    }
    return report(users, millis);
  }

  /** All but the first, in turn. */
  private int victim(int turn) {
    return 1 + turn % (rollouts - 1);
  }

  private static void progress(String what, int i, int of, double millis) {
    System.err.printf(Locale.ROOT, "[%3d/%d] %-16s %6.0f ms%n", i + 1, of, what, millis);
  }

  private int report(ManyUsers users, Map<String, List<Double>> millis) throws IOException {
    Map<String, Times> times = new LinkedHashMap<>();
    times.put(UNDISTURBED, times(List.of(millis.getOrDefault(UNDISTURBED, List.of()))));
    times.put(
        "disturbed", times(faults().stream().map(f -> millis.getOrDefault(f, List.of())).toList()));
    faults().forEach(f -> times.put(f, times(List.of(millis.getOrDefault(f, List.of())))));
    double ratio = times.get("disturbed").p50() / times.get(UNDISTURBED).p50();
    double ratio95 = times.get("disturbed").p95() / times.get(UNDISTURBED).p95();
    System.out.printf(
        Locale.ROOT,
        "%d rollouts, %d routers, %,d requests; first refusal → the candidate's last answer"
            + " anywhere, milliseconds%n%n%-18s%6s%8s%8s%8s%n",
        rollouts,
        routers,
        users.requests(),
        "",
        "n",
        "p50",
        "p95",
        "max");
    times.forEach((how, t) -> System.out.printf(Locale.ROOT, "%-18s%6d%s%n", how, t.n(), t.text()));
    System.out.printf(
        Locale.ROOT,
        "%ndisturbed/undisturbed: p50 %.2f, p95 %.2f; wanted: p50 at most %.2f%n",
        ratio,
        ratio95,
        GOAL);
    users.failures().forEach((what, n) -> System.out.println("users saw " + n + " × " + what));
    Path toJson = json;
    if (toJson != null) {
      ObjectNode out = JSON.createObjectNode();
      out.put("rollouts", rollouts).put("routers", routers).put("requests", users.requests());
      out.put("ratioP50", ratio).put("ratioP95", ratio95);
      times.forEach((how, t) -> out.set(how, t.json()));
      Files.writeString(
          toJson, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(out) + "\n");
    }
    Path toSvg = svg;
    if (toSvg != null) {
      Files.writeString(toSvg, RailsSvg.of(times));
    }
    return users.failures().isEmpty() && ratio <= GOAL ? 0 : 1;
  }

  private static Times times(List<List<Double>> lists) {
    return Times.of(
        lists.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).toArray());
  }

  /** The rollouts and their models; the first rollout is the one that is made to fail. */
  private record Scene(
      Models models, ControlClient control, HostileRecords records, List<String> names) {

    private static final ControlClient.Ask ASK = ControlClient.Ask.by("benchmark", "rails");

    /** Milliseconds from the victim's first refusal to its last answer. */
    double round(ManyUsers users, int victim, String how)
        throws ControlException, InterruptedException {
      String version = "v" + System.nanoTime();
      apply(0, version);
      models.heal(victim);
      apply(victim, version);
      users.watch(victim);
      Thread.sleep(3_000); // Control's answers and the candidate's good ones.
      switch (how) {
        case UNDISTURBED -> {}
        case AB_CONTROL_DOWN -> control.apply(abControlDown(), ASK, true);
        default ->
            RailsFault.of(how)
                .orElseThrow()
                .inject(names.getFirst(), yaml(0, version), control, records);
      }
      Thread.sleep(INJECTOR_MILLIS);
      models.spoil(victim);
      awaitState(victim, "ROLLED_BACK");
      long answers;
      do {
        answers = models.answers(victim);
        Thread.sleep(GONE_MILLIS);
      } while (models.answers(victim) != answers);
      return models.servedBadMillis(victim);
    }

    /** A new run of the rollout, half of whose users go to a candidate that is new by its model. */
    void apply(int rollout, String version) throws ControlException, InterruptedException {
      control.apply(yaml(rollout, version), ASK, true);
      for (int i = 0; i < 1_500; i++) {
        JsonNode now = control.get(names.get(rollout)).orElse(null);
        if (now != null
            && now.toString().contains("\"" + version + "\"")
            && now.path("state").asText().equals("RUNNING")) {
          return;
        }
        Thread.sleep(20);
      }
      throw new IllegalStateException(names.get(rollout) + " did not begin within 30 s");
    }

    private String yaml(int rollout, String version) {
      return """
      rollout: %s
      unit: [header:x-user-id]
      variants:
        control:
          url: %s
        candidate:
          url: %s
          model: %s
      stages:
        - {weight: 50%%}
      guards:
        - {metric: refusal.rate, worseBy: 0, then: rollback}
      """
          .formatted(
              names.get(rollout),
              models.url("control"),
              models.url("candidate" + rollout),
              version);
    }

    /** An A/B test that cannot be planned: its control fails every request. */
    private String abControlDown() {
      return """
      rollout: %s
      unit: [header:x-user-id]
      variants:
        control:   {url: %s}
        candidate: {url: %s}
      strategy: ab
      primary: error.rate
      mde: 2pp
      """
          .formatted(names.getFirst(), models.url("control"), models.url("down"));
    }

    private void awaitState(int rollout, String state)
        throws ControlException, InterruptedException {
      for (int i = 0; i < 3_000; i++) {
        if (control
            .get(names.get(rollout))
            .map(now -> now.path("state").asText().equals(state))
            .orElse(false)) {
          return;
        }
        Thread.sleep(20);
      }
      throw new IllegalStateException(names.get(rollout) + " was not " + state + " after 60 s");
    }
  }
}
