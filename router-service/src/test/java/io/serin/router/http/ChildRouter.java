package io.serin.router.http;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.access.Access;
import io.serin.router.capture.PayloadCapture;
import io.serin.router.exchange.ApiSettings;
import io.serin.router.exchange.DataPlane;
import io.serin.router.exchange.ProxySettings;
import io.serin.router.feedback.RequestIds;
import io.serin.router.front.RouterServer;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.RouterClock;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.TripStore;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A router in a JVM of its own, with the heap that {@code ./serin router} gives it, and evidence in
 * memory.
 */
final class ChildRouter implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;
  private final String url;
  private final String adminUrl;

  private ChildRouter(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    String[] urls = line().split(" ", -1);
    this.url = urls[0];
    this.adminUrl = urls[1];
  }

  /** Starts one whose control is at this URL. */
  static ChildRouter start(String controlUrl) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(shippedFlags());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", ChildRouter.class.getName()));
    command.add(controlUrl);
    return new ChildRouter(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** What the command "serin" starts a router with. */
  static List<String> shippedFlags() throws IOException {
    File folder = new File("").getAbsoluteFile();
    while (!new File(folder, "serin").isFile()) {
      folder = folder.getParentFile();
    }
    return Files.readAllLines(folder.toPath().resolve("serin")).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("router) quick='"))
        .map(line -> line.substring(line.indexOf('\'') + 1, line.lastIndexOf('\'')))
        .flatMap(flags -> List.of(flags.split(" ", -1)).stream())
        .toList();
  }

  String url() {
    return url;
  }

  String adminUrl() {
    return adminUrl;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** How many requests are recorded to their end. */
  int recorded() throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).append('\n').flush();
    return Integer.parseInt(line());
  }

  private String line() {
    try {
      String line = output.readLine();
      if (line == null) {
        throw new AssertionError("the router died");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The child: prints where it listens, and for every line it reads how much it has recorded. */
  public static void main(String[] arguments) throws IOException {
    EvidenceInMemory evidence = new EvidenceInMemory();
    RolloutTables tables =
        new RolloutTables(
            new UnitHasher("a salt for tests".getBytes(StandardCharsets.UTF_8)),
            new Credentials(Map.of()),
            TripStore.none(),
            TripPolicy.DEFAULT);
    ProxySettings defaults = ProxySettings.DEFAULT;
    ClientBounds clients = defaults.clients();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    RouterServer server =
        RouterServer.start(
            new RouterServer.Listen("127.0.0.1", 0, "127.0.0.1", 0, 2, Duration.ofSeconds(5)),
            new DataPlane(
                "router-1",
                tables,
                evidence,
                new RequestIds(List.of("0123456789abcdef".getBytes(StandardCharsets.UTF_8))),
                new PayloadCapture(
                    evidence::payload, reference -> null, text -> "", System::nanoTime, 100),
                new RouterMetrics(registry),
                RouterClock.system(),
                new ProxySettings(
                    defaults.maxRequestBytes(),
                    defaults.maxAnswerBytes(),
                    defaults.maxHeldBytes(),
                    defaults.maxCapturedBytes(),
                    defaults.connectionsPerLoop(),
                    false,
                    new ClientBounds(
                        Duration.ofSeconds(20),
                        clients.idle(),
                        Duration.ofSeconds(20),
                        clients.connectionsPerAddress(),
                        clients.memoryBytes()),
                    ApiSettings.DEFAULT),
                Access.OPEN),
            registry,
            Optional::empty);
    Command command = Commands.assistant(1, arguments[0], arguments[0], 0);
    // Long: what is tested is memory, also on a slow machine.
    command.setDeadlines(new Deadlines(60_000, 120_000, 120_000, 240_000));
    tables.adopt(command).toCompletableFuture().join();
    System.out.println(server.url() + " " + server.adminUrl());
    BufferedReader asked =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (asked.readLine() != null) {
      System.out.println(evidence.eventsSoFar());
    }
    System.exit(0);
  }
}
