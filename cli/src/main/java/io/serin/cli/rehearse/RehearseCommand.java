package io.serin.cli.rehearse;

import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackEvent;
import io.serin.cli.stack.StackException;
import io.serin.cli.stack.StackOptions;
import io.serin.rehearsal.ModelOptions;
import io.serin.rehearsal.Quantities;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.report.Expectation;
import io.serin.rehearsal.report.Facts;
import io.serin.rehearsal.report.Report;
import io.serin.rehearsal.report.ReportJson;
import io.serin.rehearsal.report.ReportText;
import io.serin.rehearsal.traffic.Trace;
import io.serin.rehearsal.traffic.TrafficSettings;
import io.serin.schemas.connect.KafkaOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The dress rehearsal of a rollout. */
@Command(
    name = "rehearse",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A dress rehearsal of a rollout: model servers that answer as recorded and go wrong when told, traffic through a"
          + " router, and a report of what was decided when, why, and what clients saw of it.",
      "Plain, it starts a stack of its own, rehearses a candidate whose answers begin to fail, and expects a rollback."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:The expectation came true, no client saw an error that Serin should have kept from it, every request was counted"
          + " exactly once.",
      "1:The expectation did not come true.",
      "2:The command line is wrong.",
      "3:A client saw an error.",
      "4:A request was not counted exactly once.",
      "5:The rehearsal could not be held."
    },
    footer = {
      "",
      "Examples:",
      "  serin rehearse",
      "  serin rehearse --control gpt-3.5.jsonl.gz --candidate gpt-4o-mini.jsonl.gz --trace azure.csv --speed 10x \\",
      "      --duration 60s --share 25% --fault candidate:errors=30%@20s --expect rollback",
      "  serin rehearse --kill analytics@15s",
      "",
      "--fault none rehearses without the fault that a plain rehearsal has."
    })
public final class RehearseCommand implements Callable<Integer> {

  /** The rehearsal could not be held. */
  static final int EXIT_FAILED = 5;

  private static final String DEFAULT_FAULT = "candidate:errors=30%@10s";

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ModelOptions models = new ModelOptions();

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Recorded arrivals: CSV with TIMESTAMP,ContextTokens,GeneratedTokens, or JSON lines with timestamp (ms),"
              + " input_length, output_length; gzipped or not. Prompts come from the recorded answers.")
  private @Nullable Path trace;

  @Option(
      names = "--speed",
      paramLabel = "FACTOR",
      defaultValue = "1x",
      description =
          "How many times faster than recorded the trace is played (default ${DEFAULT-VALUE}).")
  private String speed = "1x";

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Generated requests a second, at random times (default 50).")
  private @Nullable Double rate;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "How long the traffic goes on (default 30s; with --trace, its length).")
  private @Nullable String duration;

  @Option(names = "--requests", paramLabel = "N", description = "At most so many requests.")
  private @Nullable Long requests;

  @Option(
      names = "--share",
      paramLabel = "SHARE",
      description = "The candidate's share of users (default 25%%); not with --rollout.")
  private @Nullable String share;

  @Option(
      names = "--rollout",
      paramLabel = "FILE",
      description =
          "The rollout to rehearse; the URLs of its variants are replaced by the model servers'. Default: one stage at"
              + " --share, units by header x-user-id, the default guards.")
  private @Nullable Path rollout;

  @Option(
      names = "--expect",
      paramLabel = "WHAT",
      description =
          "rollback, promote, hold or any (default: rollback for the fault of a plain rehearsal, else any).")
  private @Nullable String expect;

  @Option(
      names = "--kill",
      paramLabel = "PROCESS@TIME",
      description =
          "Kills a process of the embedded stack (SIGKILL) at a time: broker, registry, router, worker, analytics. May be"
              + " given several times.")
  private List<String> kills = new ArrayList<>();

  @Option(
      names = "--streamed",
      paramLabel = "SHARE",
      defaultValue = "0.5",
      description = "Share of requests that ask for a stream (default ${DEFAULT-VALUE}).")
  private String streamed = "0.5";

  @Option(
      names = "--new-users",
      paramLabel = "SHARE",
      defaultValue = "0.4",
      description =
          "Chance that a request is a new user's; else users return, those who came often more often (default"
              + " ${DEFAULT-VALUE}).")
  private String newUsers = "0.4";

  @Option(
      names = "--conversations",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Chance that a returning user goes on with the last conversation, named by x-conversation-id (default"
              + " ${DEFAULT-VALUE}).")
  private String conversations = "0";

  @Option(
      names = "--completions",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description = "Share of requests to /v1/completions (default ${DEFAULT-VALUE}).")
  private String completions = "0.1";

  @Option(
      names = "--feedback",
      paramLabel = "SHARE",
      defaultValue = "0.05",
      description = "Share of answers that get a thumb (default ${DEFAULT-VALUE}).")
  private String feedback = "0.05";

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      defaultValue = "120s",
      description = "How long a client waits for one answer (default ${DEFAULT-VALUE}).")
  private String deadline = "120s";

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Requests under way at most (default ${DEFAULT-VALUE}).")
  private int maxInFlight = 2_000;

  @Option(
      names = "--settle",
      paramLabel = "TIME",
      defaultValue = "30s",
      description =
          "How long the counts may take to come to rest at the end (default ${DEFAULT-VALUE}).")
  private String settle = "30s";

  @Option(
      names = "--routers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Routers of the embedded stack (default ${DEFAULT-VALUE}).")
  private int routers = 1;

  @Option(
      names = "--router",
      paramLabel = "URL",
      description =
          "A running router to rehearse with, instead of an embedded stack; with --control-api, --kafka and --registry."
              + " May be given several times.")
  private List<URI> routerUrls = new ArrayList<>();

  @Option(
      names = "--control-api",
      paramLabel = "URL",
      description = "The control API of the running installation.")
  private @Nullable URI controlApi;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--json",
      description = "The report as JSON on standard output; what happens goes to standard error.")
  private boolean json;

  @Option(
      names = "--keep",
      description = "Keeps the embedded stack's data folder and says where it is.")
  private boolean keep;

  /** As a program of its own. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RehearseCommand()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    RehearsalPlan plan;
    try {
      plan = plan();
    } catch (IllegalArgumentException | IOException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    Screen screen = new Screen(json ? System.err : System.out, !json && Screen.onTerminal());
    InstantSource time = InstantSource.system();
    Kills killed = new Kills(time);
    try (ModelServers servers =
            ModelServers.start("127.0.0.1", plan.models(), plan.faults(), false, time);
        Place place = place(screen, killed)) {
      Surroundings where = place.where();
      String runId = "rehearsal-" + UUID.randomUUID().toString().substring(0, 8);
      Facts facts = new Rehearsal(plan, where, servers, killed, screen, time).run(runId);
      Report report = Report.of(facts);
      screen.say("");
      System.out.print(json ? ReportJson.of(report) + "\n" : ReportText.of(report));
      System.out.flush();
      return report.exitCode();
    } catch (RehearsalException | StackException | IOException e) {
      System.err.println("serin rehearse: " + e.getMessage());
      return EXIT_FAILED;
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /** Where the rehearsal is held, and what is to be cleared away after it. */
  private record Place(Surroundings where, @Nullable Path data, boolean keep, Screen screen)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      Stack stack = where.stack();
      if (stack != null) {
        stack.close();
      }
      if (data != null && keep) {
        screen.say("data folder kept: " + data);
      } else if (data != null) {
        delete(data);
      }
    }
  }

  private Place place(Screen screen, Kills killed)
      throws StackException, IOException, InterruptedException {
    URI api = controlApi;
    if (api != null) {
      return new Place(
          new Surroundings(routerUrls, api, kafka.connection(), null), null, keep, screen);
    }
    Path data = Files.createTempDirectory("serin-rehearsal-");
    StackOptions.Builder options = StackOptions.in(data).ports(Ports.ANY).routers(routers);
    if (given("--kafka")) {
      options.parts(EnumSet.of(Part.ROUTER, Part.WORKER, Part.ANALYTICS)).kafka(kafka.connection());
    }
    screen.say("Starting a stack of its own.");
    try {
      Stack stack =
          Stack.start(
              options.build(),
              event -> {
                killed.on(event);
                tell(screen, event);
              });
      URI control =
          stack.controlUrl().orElseThrow(() -> new StackException("the stack has no control API"));
      return new Place(
          new Surroundings(stack.routerUrls(), control, stack.kafka(), stack), data, keep, screen);
    } catch (StackException | InterruptedException | RuntimeException e) {
      if (!keep) {
        delete(data);
      }
      throw e;
    }
  }

  private static void tell(Screen screen, StackEvent event) {
    switch (event) {
      case StackEvent.Ready ready ->
          screen.say(
              "  %s answers after %.1f s".formatted(ready.name(), ready.took().toMillis() / 1e3));
      case StackEvent.Died died ->
          screen.say("  " + died.name() + " died (exit code " + died.exit() + ")");
      case StackEvent.Back back ->
          screen.say(
              "  %s answers again after %.1f s"
                  .formatted(back.name(), back.after().toMillis() / 1e3));
      case StackEvent.Starting _, StackEvent.Stopped _ -> {}
    }
  }

  private RehearsalPlan plan() throws IOException {
    Path traceFile = trace;
    check(
        traceFile == null || rate == null, "--rate: not with --trace, whose arrivals it replaces");
    check(traceFile != null || !given("--speed"), "--speed: only with --trace");
    check(rollout == null || share == null, "--share: not with --rollout, whose stages say it");
    check(
        routerUrls.isEmpty() == (controlApi == null),
        "--router and --control-api: a running installation needs both");
    check(routerUrls.isEmpty() || given("--kafka"), "--kafka: a running installation needs it");
    check(
        routerUrls.isEmpty() || kills.isEmpty(),
        "--kill: only processes of the embedded stack can be killed");
    List<KillSpec> killSpecs = kills.stream().map(KillSpec::parse).toList();
    killSpecs.forEach(this::checkProcess);
    RolloutFile file = rolloutFile();
    boolean plain =
        !models.anyFault() && !models.ownRecording() && expect == null && rollout == null;
    List<ScheduledFault> faults =
        plain ? List.of(ScheduledFault.parse(DEFAULT_FAULT)) : models.faults();
    List<ModelServers.Variant> variants = new ArrayList<>();
    for (String variant : file.variants()) {
      variants.add(new ModelServers.Variant(models.settings(variant), models.recorded(variant), 0));
    }
    Trace arrivals = traceFile == null ? null : readTrace(traceFile);
    double factor = Quantities.factor("--speed", speed);
    return new RehearsalPlan(
        file,
        variants,
        faults,
        variants.getFirst().recorded(),
        new TrafficSettings(
            length(arrivals, factor),
            requests == null ? Long.MAX_VALUE : requests,
            Quantities.share("--new-users", newUsers),
            Quantities.shareOrNone("--streamed", streamed),
            Quantities.shareOrNone("--conversations", conversations),
            Quantities.shareOrNone("--completions", completions),
            models.seed()),
        arrivals,
        factor,
        rate == null ? 50 : rate,
        Quantities.duration("--deadline", deadline),
        Quantities.shareOrNone("--feedback", feedback),
        maxInFlight,
        Quantities.duration("--settle", settle),
        expectation(plain),
        killSpecs);
  }

  private Duration length(@Nullable Trace arrivals, double factor) {
    if (duration != null) {
      return Quantities.duration("--duration", duration);
    }
    if (arrivals == null) {
      return Duration.ofSeconds(30);
    }
    return Duration.ofNanos(Math.round(arrivals.arrivals().getLast().offsetNanos() / factor) + 1);
  }

  private Expectation expectation(boolean plain) {
    String wanted = expect;
    if (wanted == null) {
      return plain ? Expectation.ROLLBACK : Expectation.ANY;
    }
    return switch (wanted.toLowerCase(Locale.ROOT)) {
      case "rollback" -> Expectation.ROLLBACK;
      case "promote" -> Expectation.PROMOTE;
      case "hold" -> Expectation.HOLD;
      case "any" -> Expectation.ANY;
      default ->
          throw new IllegalArgumentException(
              "--expect: '" + wanted + "' must be rollback, promote, hold or any");
    };
  }

  private RolloutFile rolloutFile() throws IOException {
    Path file = rollout;
    if (file == null) {
      return RolloutFile.plain(Quantities.share("--share", share == null ? "25%" : share));
    }
    try {
      return RolloutFile.read(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("--rollout: there is no file " + file, e);
    }
  }

  private static Trace readTrace(Path file) throws IOException {
    try {
      return Trace.read(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("--trace: there is no file " + file, e);
    }
  }

  private void checkProcess(KillSpec kill) {
    List<String> names = new ArrayList<>(List.of("worker", "analytics"));
    if (!given("--kafka")) {
      names.addAll(0, List.of("broker", "registry"));
    }
    for (int i = 1; i <= routers; i++) {
      names.add(i == 1 ? "router" : "router-" + i);
    }
    check(
        names.contains(kill.process()),
        "--kill: PROCESS '" + kill.process() + "' must be one of " + String.join(", ", names));
  }

  private boolean given(String option) {
    CommandSpec known = spec;
    return known != null && known.commandLine().getParseResult().hasMatchedOption(option);
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private ParameterException wrong(String message) {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException(message);
    }
    return new ParameterException(known.commandLine(), message);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
