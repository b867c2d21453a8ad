package io.serin.cli.rehearse;

import io.serin.cli.command.Terminal;
import io.serin.cli.stack.supervise.StackException;
import io.serin.rehearsal.watch.Watcher;
import io.serin.rollout.value.Quantities;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Every fault in every stage of the pipeline, on one stack. */
@Command(
    name = "matrix",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Rehearses every kind of fault in every stage of the default pipeline, on one stack, several"
          + " rollouts at once.",
      "Where every guard rolls back, the rollback must come in the stage where the fault begins: 5,"
          + " 25, 50 or 100 %% held back. With the default guards (a fault in 25%%), tokens are"
          + " flagged, refusals investigated, all others roll back. A candidate without a fault"
          + " must be promoted through all five stages.",
      "The column rails tries to keep a rollback from happening: a file that routers cannot serve,"
          + " a command above the broker's limit, impossible evidence, impossible commands,"
          + " unreadable records on every topic. The rollback by hand must still reach every"
          + " router. Two other rollouts are live meanwhile: a bad candidate must be rolled back by"
          + " its guards, a good one stay. No client may see an error, and every service stays"
          + " ready."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Every cell went as it should.",
      "1:A cell failed: not decided as expected, a client saw an error, or a request was not"
          + " counted exactly once.",
      "2:The command line is wrong.",
      "5:The rehearsals could not be held."
    },
    footer = {
      "",
      "Examples:",
      "  serin rehearse matrix",
      "  serin rehearse matrix --faults none,errors,hang --stages 5%%,100%% --parallel 4"
    })
public final class MatrixCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Option(
      names = "--faults",
      split = ",",
      paramLabel = "KIND",
      description =
          "Which faults: errors, slow, tokens, refusals, empty, cut-stream, hang; none for a"
              + " candidate without one; unservable, oversized, throwing-judge, dead-tail, poison"
              + " for the rails (default all).")
  private List<String> faults = new ArrayList<>();

  @Option(
      names = "--stages",
      split = ",",
      paramLabel = "STAGE",
      description =
          "Which stages: 5%%, 25%%, 50%%, 100%%, default for the default guards, and rails"
              + " (default: these); shadow to judge the comparisons of a shadow stage too.")
  private List<String> stages = new ArrayList<>();

  @Option(
      names = "--cells",
      split = ",",
      paramLabel = "KIND@STAGE",
      description = "Single cells instead, such as errors@25%%,hang@shadow,tokens@default.")
  private List<String> cells = new ArrayList<>();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "How many rollouts at once (default ${DEFAULT-VALUE}).")
  private int parallel = 3;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests a second of each rollout (default ${DEFAULT-VALUE}).")
  private double rate = 40;

  @Option(
      names = "--stage-length",
      paramLabel = "TIME",
      description = "How long each stage lasts (default ${DEFAULT-VALUE}).")
  private String stageLength = "15s";

  @Option(
      names = "--limit",
      paramLabel = "TIME",
      description = "How long one rollout's traffic lasts at most (default ${DEFAULT-VALUE}).")
  private String limit = "5m";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of everything drawn at random (default ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Mixin private PlaceOptions place = new PlaceOptions();

  @Option(
      names = "--json",
      description = "The results as JSON on standard output; what happens goes to standard error.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    List<MatrixCell> wanted;
    Matrix.Settings settings;
    try {
      place.check();
      wanted = wanted();
      if (!place.embedded() && wanted.stream().anyMatch(cell -> cell.rails().isPresent())) {
        throw new IllegalArgumentException(
            "--stages: 'rails' writes unreadable records to every topic; use the embedded stack");
      }
      settings =
          new Matrix.Settings(
              rate,
              Quantities.duration("--stage-length", stageLength),
              Quantities.duration("--limit", limit),
              parallel,
              seed);
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(String.valueOf(e.getMessage()));
    }
    Screen screen = new Screen(json ? System.err : System.out, false);
    try (Place held = place.open(screen, _ -> {});
        Watcher watcher = Watcher.start(held.where().kafka(), Rehearsal.APPLY)) {
      String runId = UUID.randomUUID().toString().substring(0, 8);
      AtomicInteger done = new AtomicInteger();
      List<MatrixResult> results =
          new Matrix(settings, held.where(), watcher, InstantSource.system(), runId)
              .run(
                  wanted,
                  result ->
                      screen.say(MatrixTable.line(done.incrementAndGet(), wanted.size(), result)));
      screen.say("");
      System.out.print(json ? MatrixTable.json(results) + "\n" : MatrixTable.text(results));
      System.out.flush();
      return results.stream().allMatch(MatrixResult::ok) ? 0 : 1;
    } catch (StackException | IllegalStateException | IOException e) {
      System.err.println("serin rehearse matrix: " + e.getMessage());
      return RehearseCommand.EXIT_FAILED;
    }
  }

  private List<MatrixCell> wanted() {
    if (!cells.isEmpty()) {
      if (!faults.isEmpty() || !stages.isEmpty()) {
        throw new IllegalArgumentException("--cells: not with --faults or --stages");
      }
      return cells.stream().map(MatrixCommand::cell).toList();
    }
    List<String> columns = new ArrayList<>(MatrixCell.columns());
    columns.remove("shadow");
    if (!place.embedded()) {
      columns.remove(MatrixCell.RAILS);
    }
    return MatrixCell.all(
        faults.isEmpty() ? MatrixCell.rows() : faults, stages.isEmpty() ? columns : stages);
  }

  private static MatrixCell cell(String text) {
    if (text.equals(MatrixCell.NONE)) {
      return MatrixCell.all(List.of(text), List.of()).getFirst();
    }
    int sign = text.indexOf('@');
    if (sign < 1) {
      throw new IllegalArgumentException(
          "--cells: '" + text + "' must be none or KIND@STAGE, such as errors@25%");
    }
    List<MatrixCell> found =
        MatrixCell.all(List.of(text.substring(0, sign)), List.of(text.substring(sign + 1)));
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "--cells: '" + text + "' does not exist: rails has the kinds " + RailsFault.kinds());
    }
    return found.getFirst();
  }
}
