package io.serin.benchmarks.router;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Serin's router, with every request published to a running broker, beside nginx, HAProxy and
 * Portkey's gateway, all before the same stub, in one run on this machine. Peers take turns within
 * a round, so that a machine that gets slower gets slower for all; figures are medians over rounds.
 * A request that fails makes the run invalid.
 */
@Command(
    name = "router-benchmark",
    mixinStandardHelpOptions = true,
    description = "What the router costs beside nginx, HAProxy and Portkey's gateway.",
    footer = {
      "",
      "Example:",
      "  java -cp 'benchmarks/target/classes:benchmarks/target/lib/*' \\",
      "    io.serin.benchmarks.router.RouterBenchmark --rounds 5 --json router.json --svg router.svg",
      "",
      "Exit codes: 0 measured; 1 a request failed, the run is invalid; 2 wrong usage."
    })
public final class RouterBenchmark implements Callable<Integer> {

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds (default ${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Seconds of each load (default ${DEFAULT-VALUE}).")
  private int seconds = 2;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Seconds by which each peer that compiles while it runs is made warm, once"
              + " (default ${DEFAULT-VALUE}).")
  private int warmUp = 40;

  @Option(
      names = "--connections",
      split = ",",
      paramLabel = "N",
      description = "Connections of the loads that are not streamed (default ${DEFAULT-VALUE}).")
  private List<Integer> connections = List.of(1, 16, 64);

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "Concurrent streams; 0 leaves them out (default ${DEFAULT-VALUE}).")
  private int streams = 64;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description = "Of direct, nginx, nginx-mirror, haproxy, portkey, serin (default: all).")
  private List<String> wanted =
      List.of("direct", "nginx", "nginx-mirror", "haproxy", "portkey", "serin");

  @Option(
      names = "--router-flags",
      paramLabel = "FLAGS",
      description = "JVM flags of the router, separated by blanks (default ${DEFAULT-VALUE}).")
  private String routerFlags = SerinPeer.SHIPPED_FLAGS;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures as JSON.")
  private @Nullable Path json;

  @Option(names = "--svg", paramLabel = "FILE", description = "Writes the figures as a picture.")
  private @Nullable Path svg;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  public static void main(String[] args) {
    System.exit(new CommandLine(new RouterBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("serin-router-benchmark");
    try {
      return measure(folder);
    } finally {
      while (!open.isEmpty()) {
        open.pop().close();
      }
      delete(folder);
    }
  }

  private int measure(Path folder) throws Exception {
    Child stub =
        opened(
            Child.java(
                folder.resolve("stub.log"),
                folder,
                StubUpstream.FLAGS,
                StubUpstream.class.getName(),
                List.of()));
    int stubPort = Integer.parseInt(stub.awaitLine("listening ", Duration.ofSeconds(20)));
    List<Peer> peers = peers(folder, stubPort);
    Map<LoadScenario, Map<String, Figures>> results = new LinkedHashMap<>();
    double loadBefore = ProcessUsage.machineLoad();
    try (LoadClient client = new LoadClient()) {
      for (Peer peer : peers) {
        say("warming " + peer.name());
        warm(client, peer);
      }
      for (int round = 1; round <= rounds; round++) {
        for (LoadScenario scenario : scenarios()) {
          for (Peer peer : peers) {
            say("round " + round + "/" + rounds + ", " + scenario.text() + ", " + peer.name());
            results
                .computeIfAbsent(scenario, s -> new LinkedHashMap<>())
                .computeIfAbsent(peer.name(), n -> new Figures())
                .add(once(client, peer, scenario));
          }
        }
      }
    }
    RouterReport report = new RouterReport(results, loadBefore, ProcessUsage.machineLoad());
    System.out.println(report.text());
    if (json != null) {
      Files.writeString(json, report.json());
    }
    if (svg != null) {
      Files.writeString(svg, ReportSvg.of(results));
    }
    return report.valid() ? 0 : 1;
  }

  private Figures.Round once(LoadClient client, Peer peer, LoadScenario scenario)
      throws InterruptedException {
    Duration warm = Duration.ofMillis(scenario.stream() ? 1000 : 500);
    Load load = load(peer, scenario, warm, Duration.ofSeconds(seconds));
    Measured measured = client.run(load, () -> ProcessUsage.cpuSeconds(peer.processes()));
    return new Figures.Round(measured, ProcessUsage.residentMiB(peer.processes()));
  }

  private void warm(LoadClient client, Peer peer) throws InterruptedException {
    Duration time = peer.compiles() ? Duration.ofSeconds(warmUp) : Duration.ofSeconds(1);
    if (streams > 0) {
      client.run(
          load(peer, new LoadScenario(true, streams), time.dividedBy(2), Duration.ofMillis(1)),
          () -> 0);
    }
    client.run(load(peer, new LoadScenario(false, 64), time, Duration.ofMillis(1)), () -> 0);
  }

  private static Load load(Peer peer, LoadScenario scenario, Duration warm, Duration time) {
    return new Load(
        peer.port(),
        peer.path(),
        peer.headers(),
        scenario.connections(),
        scenario.stream(),
        warm,
        time);
  }

  private List<LoadScenario> scenarios() {
    List<LoadScenario> all = new ArrayList<>();
    connections.forEach(each -> all.add(new LoadScenario(false, each)));
    if (streams > 0) {
      all.add(new LoadScenario(true, streams));
    }
    return all;
  }

  private List<Peer> peers(Path folder, int stub) throws IOException, InterruptedException {
    Peers others = new Peers(folder, stub);
    List<Peer> peers = new ArrayList<>();
    for (String name : wanted) {
      say("starting " + name);
      switch (name) {
        case "direct" ->
            peers.add(new Peer("direct", stub, Peer.PATH, Map.of(), 0, List.of(), List.of()));
        case "nginx", "nginx-mirror" -> {
          if (there("nginx", name)) {
            peers.add(opened(others.nginx(name.equals("nginx-mirror"))));
          }
        }
        case "haproxy" -> {
          if (there("haproxy", name)) {
            peers.add(opened(others.haproxy()));
          }
        }
        case "portkey" -> {
          if (there("npm", name)) {
            peers.add(opened(others.portkey(Path.of("benchmarks", "target").toAbsolutePath())));
          }
        }
        case "serin" ->
            peers.add(
                opened(
                    SerinPeer.start(folder, stub, List.of(routerFlags.strip().split("\\s+", -1)))));
        default ->
            throw new CommandLine.ParameterException(
                new CommandLine(this),
                "--peers is \""
                    + name
                    + "\": it must be of direct, nginx, nginx-mirror, haproxy, portkey, serin");
      }
    }
    return peers;
  }

  private static boolean there(String program, String peer) {
    boolean there = Peers.present(program);
    if (!there) {
      say(peer + " is skipped: " + program + " is not installed");
    }
    return there;
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  private static void say(String text) {
    System.err.println(text);
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path each : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
