package io.serin.cli.compare;

import io.serin.cli.command.Terminal;
import io.serin.comparison.Comparing;
import io.serin.comparison.ComparisonReport;
import io.serin.comparison.ComparisonSettings;
import io.serin.comparison.Floor;
import io.serin.comparison.NullSplits;
import io.serin.comparison.PairDifference;
import io.serin.comparison.Single;
import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Traits;
import io.serin.comparison.review.JudgePrompt;
import io.serin.comparison.review.Judged;
import io.serin.comparison.review.ModelJudge;
import io.serin.comparison.review.PortException;
import io.serin.worker.review.HttpEmbedder;
import io.serin.worker.review.HttpJudge;
import io.serin.worker.review.JsonEndpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares what two models answered to the same prompts. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compares two models by their recorded answers: refusals, format, length, latency, with"
          + " intervals, by segment, with the pairs that tell most.",
      "Needs no Kafka and calls nothing, but for --embeddings and --judge. Files are JSON lines,"
          + " gzipped or not, with prompt and output; docs/compare.md lists the fields."
    },
    footer = {
      "",
      "Examples:",
      "  serin compare gpt-3.5.jsonl.gz gpt-4o-mini.jsonl.gz",
      "  serin compare old.jsonl new.jsonl --html report.html",
      "  serin compare old.jsonl new.jsonl --again old-second-time.jsonl --json",
      "  serin compare old.jsonl new.jsonl --splits 200",
      "  serin compare old.jsonl new.jsonl --judge http://localhost:8000/v1 --judge-model my-judge",
    })
public final class CompareCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Parameters(paramLabel = "CONTROL", index = "0", description = "What the model in use answered.")
  private Path control = Path.of("");

  @Parameters(paramLabel = "CANDIDATE", index = "1", description = "What the new one answered.")
  private Path candidate = Path.of("");

  @Option(
      names = "--again",
      paramLabel = "FILE",
      description = "Control asked a second time: how much its answers differ from themselves.")
  private @Nullable Path again;

  @Mixin private ReportOptions report = new ReportOptions();

  @Option(
      names = "--splits",
      paramLabel = "N",
      description = {
        "Measures how often something is found where nothing differs:",
        "N times each half of a file against its other half, and pairs with their sides swapped at"
            + " random."
      })
  private int splits;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the splits and of the pairs that are judged (default ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--embeddings",
      paramLabel = "URL",
      description = "OpenAI-compatible endpoint up to /v1; its key in SERIN_EMBEDDINGS_KEY.")
  private @Nullable String embeddings;

  @Option(
      names = "--embeddings-model",
      paramLabel = "NAME",
      description = "Its model (default ${DEFAULT-VALUE}).")
  private String embeddingsModel = "text-embedding-3-small";

  @Option(
      names = "--judge",
      paramLabel = "URL",
      description = "OpenAI-compatible endpoint up to /v1; its key in SERIN_JUDGE_KEY.")
  private @Nullable String judge;

  @Option(
      names = "--judge-model",
      paramLabel = "NAME",
      description = "Its model (default ${DEFAULT-VALUE}).")
  private String judgeModel = "gpt-4o-mini";

  @Option(
      names = "--judge-pairs",
      paramLabel = "N",
      description =
          "Pairs that are judged, drawn at random; two calls each (default ${DEFAULT-VALUE}).")
  private int judgePairs = 100;

  @Option(
      names = "--judge-price",
      paramLabel = "READ,WRITTEN",
      split = ",",
      description = "Price of a million tokens that the judge reads and writes, for its cost.")
  private List<Double> judgePrice = List.of();

  @Override
  public Integer call() throws IOException {
    ComparisonSettings settings = settings();
    List<RecordedLine> left = read(control, "CONTROL");
    List<RecordedLine> right = read(candidate, "CANDIDATE");
    List<RecordedLine> twice = again == null ? List.of() : read(again, "--again");
    Compared compared;
    try {
      compared = compare(settings, left, right, twice);
    } catch (PortException e) {
      terminal.fail(e.getMessage());
      return 1;
    }
    report.tell(compared, CompareJson::of);
    return 0;
  }

  private Compared compare(
      ComparisonSettings settings,
      List<RecordedLine> left,
      List<RecordedLine> right,
      List<RecordedLine> twice)
      throws PortException {
    Comparing comparing = new Comparing(settings);
    AnswerPairs pairing = AnswerPairs.of(left, right, twice);
    boolean paired = !pairing.pairs().isEmpty();
    List<PairDifference> differences = differences(pairing.pairs());
    List<Single> controls = paired && splits == 0 ? List.of() : singles(left);
    List<Single> candidates = paired && splits == 0 ? List.of() : singles(right);
    ComparisonReport found =
        paired ? comparing.paired(differences) : comparing.independent(controls, candidates);
    Judged judged = judge == null || !paired ? null : judged(judge, pairing.pairs());
    return new Compared(
        "",
        name(control),
        name(candidate),
        found,
        paired ? pairing.onlyControl() : 0,
        paired ? pairing.onlyCandidate() : 0,
        differences,
        embeddings == null || !paired ? null : semantic(embeddings, comparing, differences),
        judged,
        judged == null || judgePrice.isEmpty()
            ? null
            : judged.cost(judgePrice.get(0), judgePrice.get(1)),
        splits == 0 ? List.of() : splits(settings, differences, controls, candidates));
  }

  private List<NullSplits> splits(
      ComparisonSettings settings,
      List<PairDifference> differences,
      List<Single> controls,
      List<Single> candidates) {
    List<NullSplits> all = new ArrayList<>();
    all.add(NullSplits.halves("halves of " + name(control), controls, splits, seed, settings));
    if (!control.equals(candidate)) {
      all.add(
          NullSplits.halves("halves of " + name(candidate), candidates, splits, seed, settings));
    }
    if (!differences.isEmpty()) {
      all.add(NullSplits.swaps(differences, splits, seed, settings));
    }
    return all;
  }

  private static List<PairDifference> differences(List<Pair> pairs) {
    PairDifference.Comparer comparer = new PairDifference.Comparer();
    return pairs.parallelStream().map(comparer::compare).toList();
  }

  private static List<Single> singles(List<RecordedLine> lines) {
    Traits.Reader reader = new Traits.Reader();
    return lines.parallelStream()
        .map(line -> Single.of(line.question(), line.answer(), reader))
        .toList();
  }

  private @Nullable Floor semantic(
      String url, Comparing comparing, List<PairDifference> differences) throws PortException {
    Set<String> texts = new LinkedHashSet<>();
    for (PairDifference each : differences) {
      add(texts, each.pair().control());
      add(texts, each.pair().candidate());
      if (each.pair().again() != null) {
        add(texts, each.pair().again());
      }
    }
    List<String> ordered = List.copyOf(texts);
    JsonEndpoint endpoint =
        new JsonEndpoint(
            url, System.getenv("SERIN_EMBEDDINGS_KEY"), JsonEndpoint.Patience.OF_A_REPORT);
    List<float[]> vectors = new HttpEmbedder(endpoint, embeddingsModel).embed(ordered);
    Map<String, float[]> byText = new HashMap<>();
    for (int i = 0; i < ordered.size(); i++) {
      byText.put(ordered.get(i), vectors.get(i));
    }
    return comparing.semantic(differences, byText::get);
  }

  private static void add(Set<String> texts, Answered answer) {
    if (answer.text() != null && !answer.text().isBlank()) {
      texts.add(answer.text());
    }
  }

  private Judged judged(String url, List<Pair> pairs) throws PortException {
    ModelJudge model =
        new HttpJudge(
            new JsonEndpoint(
                url, System.getenv("SERIN_JUDGE_KEY"), JsonEndpoint.Patience.OF_A_REPORT),
            judgeModel);
    List<Pair> drawn = new ArrayList<>();
    for (Pair pair : pairs) {
      if (pair.control().outcome() == AnswerOutcome.ANSWERED
          && pair.candidate().outcome() == AnswerOutcome.ANSWERED) {
        drawn.add(pair);
      }
    }
    Collections.shuffle(drawn, new Random(seed));
    Judged judged = Judged.none(JudgePrompt.CURRENT);
    PrintWriter progress = terminal.err();
    int most = Math.min(judgePairs, drawn.size());
    for (int i = 0; i < most; i++) {
      judged = judged.plus(drawn.get(i), JudgePrompt.CURRENT, model);
      if ((i + 1) % 20 == 0) {
        progress.println("judged " + (i + 1) + " of " + most + " pairs");
        progress.flush();
      }
    }
    return judged;
  }

  private ComparisonSettings settings() {
    if (splits < 0) {
      throw terminal.wrong("--splits is " + splits + ": it must be 0 or more");
    }
    if (judgePairs < 1) {
      throw terminal.wrong("--judge-pairs is " + judgePairs + ": it must be at least 1");
    }
    if (!judgePrice.isEmpty() && judgePrice.size() != 2) {
      throw terminal.wrong(
          "--judge-price is " + judgePrice + ": it must be two numbers, as in 0.15,0.6");
    }
    url("--embeddings", embeddings);
    url("--judge", judge);
    return report.settings();
  }

  private void url(String option, @Nullable String url) {
    if (url != null && !url.matches("https?://.+")) {
      throw terminal.wrong(
          option + " is \"" + url + "\": it must be a URL that starts with http://");
    }
  }

  private List<RecordedLine> read(Path file, String what) {
    try {
      return RecordedFile.read(file);
    } catch (IOException e) {
      throw terminal.wrong(
          what + " is \"" + file + "\": it must be a file that can be read (" + e + ")");
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(message(e));
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("\\.jsonl(\\.gz)?$", "");
  }

  private static String message(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }
}
