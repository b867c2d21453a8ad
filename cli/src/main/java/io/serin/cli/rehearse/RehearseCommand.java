package io.serin.cli.rehearse;

import io.serin.cli.command.Terminal;
import io.serin.cli.stack.supervise.StackException;
import io.serin.rehearsal.command.ModelOptions;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.report.Expectation;
import io.serin.rehearsal.report.Facts;
import io.serin.rehearsal.report.RehearsalReport;
import io.serin.rehearsal.report.ReportHtml;
import io.serin.rehearsal.report.ReportJson;
import io.serin.rehearsal.report.ReportText;
import io.serin.rehearsal.traffic.Trace;
import io.serin.rehearsal.watch.Watcher;
import io.serin.rollout.value.Quantities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The dress rehearsal of a rollout. */
@Command(
    name = "rehearse",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = MatrixCommand.class,
    description = {
      "Rehearses a rollout: model servers that replay recorded answers and fail on command,"
          + " traffic through a router, and a report of what was decided, when and why, and what"
          + " clients saw.",
      "Plain, it starts a stack of its own, rehearses a candidate whose answers begin to fail, and"
          + " expects a rollback.",
      "With --pipeline it goes through shadow, 5, 25, 50 and 100 %% (held back) at high speed, and"
          + " expects a promotion; with a fault, a rollback in the stage where it begins."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:The expectation came true, no client saw an error that Serin should have kept from it,"
          + " every request was counted exactly once.",
      "1:The expectation did not come true, or a stage was skipped or repeated.",
      "2:The command line is wrong.",
      "3:A client saw an error.",
      "4:A request was not counted exactly once.",
      "5:The rehearsal could not be held."
    },
    footer = {
      "",
      "Examples:",
      "  serin rehearse",
      "  serin rehearse --pipeline --html pipeline.html",
      "  serin rehearse --pipeline --fault candidate:errors=30%%@stage:25%%",
      "  serin rehearse --control gpt-3.5.jsonl.gz --candidate gpt-4o-mini.jsonl.gz --trace"
          + " azure.csv --speed 10x \\",
      "      --duration 60s --share 25%% --fault candidate:errors=30%%@20s --expect rollback",
      "  serin rehearse --kill analytics@15s",
      "  serin rehearse matrix",
      "",
      "--fault none rehearses without the fault that a plain rehearsal has."
    })
public final class RehearseCommand implements Callable<Integer> {

  /** The rehearsal could not be held. */
  static final int EXIT_FAILED = 5;

  private static final String DEFAULT_FAULT = "candidate:errors=30%@10s";

  @Mixin private Terminal terminal = new Terminal();

  @Mixin private ModelOptions models = new ModelOptions();

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Recorded arrivals: CSV with TIMESTAMP,ContextTokens,GeneratedTokens, or JSON lines with"
              + " timestamp (ms), input_length, output_length; gzipped or not. Prompts come from"
              + " the recorded answers.")
  private @Nullable Path trace;

  @Option(
      names = "--speed",
      paramLabel = "FACTOR",
      description =
          "How many times faster than recorded the trace is played (default ${DEFAULT-VALUE}).")
  private String speed = "1x";

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Generated requests a second, at random times (default 50; with --pipeline 80).")
  private @Nullable Double rate;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description =
          "How long traffic is sent (default 30s; with --trace, its length; with --pipeline, 6m"
              + " at most).")
  private @Nullable String duration;

  @Option(
      names = "--after-decision",
      paramLabel = "TIME",
      description =
          "How long traffic is sent after the rollout was rolled back or promoted (default: as"
              + " long as --duration says; 3s with --pipeline, and for a plain rehearsal).")
  private @Nullable String afterDecision;

  @Option(names = "--requests", paramLabel = "N", description = "At most so many requests.")
  private @Nullable Long requests;

  @Option(
      names = "--share",
      paramLabel = "SHARE",
      description =
          "The candidate's share of users (default 25%%); not with --rollout or --pipeline.")
  private @Nullable String share;

  @Option(
      names = "--pipeline",
      description =
          "Rehearses the default pipeline: shadow, 5, 25, 50 and 100 %% with a holdback, then the"
              + " promotion.")
  private boolean pipeline;

  @Option(
      names = "--stage-length",
      paramLabel = "TIME",
      description =
          "How long each stage of --pipeline lasts; longer while a guard is in doubt (default"
              + " ${DEFAULT-VALUE}).")
  private String stageLength = "15s";

  @Option(
      names = "--strict",
      description =
          "Every guard of --pipeline rolls back, those of tokens and refusals too, which"
              + " flag without it.")
  private boolean strict;

  @Option(
      names = "--rollout",
      paramLabel = "FILE",
      description =
          "The rollout to rehearse; the URLs of its variants are replaced by the model servers'."
              + " Default: one stage at --share, units by header x-user-id, the default guards.")
  private @Nullable Path rollout;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "The rollout's name, where no --rollout says it (default ${DEFAULT-VALUE}): on a running"
              + " installation several can be rehearsed at once.")
  private String name = "rehearsal";

  @Option(
      names = "--expect",
      paramLabel = "WHAT",
      description =
          "rollback, promote, hold, flag, investigate or any (default: for a plain rehearsal a"
              + " rollback; for --pipeline a promotion, with a fault what the guards are for; any"
              + " otherwise).")
  private @Nullable String expect;

  @Option(
      names = "--kill",
      paramLabel = "PROCESS@WHEN",
      description =
          "Kills a process of the embedded stack (SIGKILL) at a time, or at stage:NAME[+TIME]:"
              + " broker, registry, router, worker, analytics. May be given several times.")
  private List<String> kills = new ArrayList<>();

  @Mixin private TrafficOptions traffic = new TrafficOptions();

  @Mixin private PlaceOptions place = new PlaceOptions();

  @Option(
      names = "--json",
      description = "The report as JSON on standard output; what happens goes to standard error.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes the report as a page, with a timeline of the stages, too.")
  private @Nullable Path html;

  /** As a program of its own. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RehearseCommand()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    RehearsalPlan plan;
    List<KillSpec> killSpecs;
    try {
      plan = plan();
      killSpecs = kills(plan);
    } catch (IllegalArgumentException | IOException e) {
      throw terminal.wrong(String.valueOf(e.getMessage()));
    }
    Screen screen = new Screen(json ? System.err : System.out, !json && Screen.onTerminal());
    InstantSource time = InstantSource.system();
    Kills killed = new Kills(killSpecs, screen, time);
    try (ModelServers servers =
            ModelServers.start("127.0.0.1", plan.models(), plan.faults(), false, time);
        Place held = place.open(screen, killed::on);
        Watcher watcher = Watcher.start(held.where().kafka(), Rehearsal.APPLY)) {
      String runId = "rehearsal-" + UUID.randomUUID().toString().substring(0, 8);
      Facts facts =
          new Rehearsal(plan, held.where(), watcher, servers, killed, screen, time).run(runId);
      RehearsalReport report = RehearsalReport.of(facts);
      screen.say("");
      System.out.print(json ? ReportJson.of(report) + "\n" : ReportText.of(report));
      System.out.flush();
      Path page = html;
      if (page != null) {
        Files.writeString(page, ReportHtml.of(report));
        screen.say("Timeline: " + page.toAbsolutePath());
      }
      return report.exitCode();
    } catch (RehearsalException | StackException | IllegalStateException | IOException e) {
      System.err.println("serin rehearse: " + e.getMessage());
      return EXIT_FAILED;
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(String.valueOf(e.getMessage()));
    }
  }

  private RehearsalPlan plan() throws IOException {
    Path traceFile = trace;
    check(
        traceFile == null || rate == null, "--rate: not with --trace, whose arrivals it replaces");
    check(traceFile != null || !given("--speed"), "--speed: only with --trace");
    check(rollout == null || share == null, "--share: not with --rollout, whose stages say it");
    check(!pipeline || share == null, "--share: not with --pipeline, whose stages say it");
    check(!pipeline || rollout == null, "--pipeline: not with --rollout, whose stages it replaces");
    check(pipeline || !given("--stage-length"), "--stage-length: only with --pipeline");
    check(pipeline || !strict, "--strict: only with --pipeline");
    check(rollout == null || !given("--name"), "--name: not with --rollout, which says it");
    place.check();
    RehearsedFile file = rolloutFile();
    boolean plain =
        !models.anyFault()
            && !models.ownRecording()
            && expect == null
            && rollout == null
            && !pipeline;
    List<ScheduledFault> faults =
        plain ? List.of(ScheduledFault.parse(DEFAULT_FAULT)) : models.faults();
    for (ScheduledFault fault : faults) {
      checkStage(file, fault.stage(), "--fault " + fault);
    }
    if (pipeline && !given("--new-users")) {
      traffic.newUsersOtherwise("0.7"); // Its gates want many units within seconds,
    }
    if (pipeline && !given("--latency")) {
      models.latencyOtherwise("lognormal:80ms,0.3"); // whose latency varies little.
    }
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
        traffic.settings(
            length(arrivals, factor), requests == null ? Long.MAX_VALUE : requests, models.seed()),
        arrivals,
        factor,
        rate == null ? (pipeline ? 80 : 50) : rate,
        traffic.deadline(),
        traffic.feedback(),
        traffic.maxInFlight(),
        traffic.settle(),
        expectation(plain, file, faults),
        afterDecision(plain));
  }

  private Duration length(@Nullable Trace arrivals, double factor) {
    if (duration != null) {
      return Quantities.duration("--duration", duration);
    }
    if (arrivals == null) {
      return pipeline ? Duration.ofMinutes(6) : Duration.ofSeconds(30);
    }
    return Duration.ofNanos(Math.round(arrivals.arrivals().getLast().offsetNanos() / factor) + 1);
  }

  private @Nullable Duration afterDecision(boolean plain) {
    String given = afterDecision;
    if (given == null) {
      return pipeline || (plain && duration == null) ? Duration.ofSeconds(3) : null;
    }
    return Quantities.duration("--after-decision", given);
  }

  private Expectation expectation(boolean plain, RehearsedFile file, List<ScheduledFault> faults) {
    String wanted = expect;
    if (wanted == null) {
      if (pipeline) {
        return faults.stream()
            .filter(fault -> file.candidates().contains(fault.variant()))
            .findFirst()
            .map(fault -> Expectations.of(fault.fault(), strict))
            .orElse(Expectation.PROMOTE);
      }
      return plain ? Expectation.ROLLBACK : Expectation.ANY;
    }
    return Expectations.parse(wanted);
  }

  private RehearsedFile rolloutFile() throws IOException {
    Path file = rollout;
    if (pipeline) {
      return RehearsedFile.pipeline(
          name, Quantities.duration("--stage-length", stageLength), strict);
    }
    if (file == null) {
      return RehearsedFile.plain(
          name, Quantities.positiveShare("--share", share == null ? "25%" : share));
    }
    try {
      return RehearsedFile.read(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("--rollout: file not found: " + file, e);
    }
  }

  private static Trace readTrace(Path file) throws IOException {
    try {
      return Trace.read(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("--trace: file not found: " + file, e);
    }
  }

  private List<KillSpec> kills(RehearsalPlan plan) {
    check(
        place.embedded() || kills.isEmpty(),
        "--kill: only processes of the embedded stack can be killed");
    List<KillSpec> specs = kills.stream().map(KillSpec::parse).toList();
    for (KillSpec kill : specs) {
      check(
          place.processes().contains(kill.process()),
          "--kill: PROCESS '"
              + kill.process()
              + "' must be one of "
              + String.join(", ", place.processes()));
      checkStage(plan.rollout(), kill.when().stage(), "--kill " + kill.process());
    }
    return specs;
  }

  private static void checkStage(RehearsedFile file, @Nullable String stage, String what) {
    List<String> stages = file.stages();
    check(
        stage == null || stages.contains(stage),
        what + ": stage '" + stage + "' must be one of " + String.join(", ", stages));
  }

  private boolean given(String option) {
    return terminal.line().getParseResult().hasMatchedOption(option);
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
