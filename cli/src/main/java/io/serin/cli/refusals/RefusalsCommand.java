package io.serin.cli.refusals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.cli.compare.RecordedFile;
import io.serin.cli.compare.RecordedLine;
import io.serin.refusals.Refusal;
import io.serin.refusals.RefusalDetector;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Labels recorded answers as full refusal, partial refusal or none. */
@Command(
    name = "refusals",
    mixinStandardHelpOptions = true,
    description = {
      "Tells which recorded answers refuse, by the code that judges live answers in the router.",
      "FILE is JSON lines, gzipped or not, with prompt and output (or instruction and completion).",
      "Where lines have a label (1_full_compliance, 2_full_refusal, 3_partial_refusal) it prints",
      "precision, recall and F1 of full refusals against the rest.",
    },
    footer = {
      "",
      "Examples:",
      "  serin refusals answers.jsonl.gz",
      "  serin refusals answers.jsonl --hits       each answer that is called a refusal",
      "  serin refusals labelled.jsonl --json",
    })
public final class RefusalsCommand implements Callable<Integer> {
  private static final int EXCERPT = 160;

  /** How long answers are judged to time them, in nanoseconds, and how often at most. */
  private static final long TIMING = 1_500_000_000L;

  private static final int ROUNDS = 200;

  @Mixin private Terminal terminal = new Terminal();

  @Parameters(paramLabel = "FILE", arity = "1", description = "Recorded answers.")
  private Path file = Path.of("");

  @Option(names = "--json", description = "As one JSON object.")
  private boolean json;

  @Option(
      names = "--hits",
      description = "Lists each answer called a refusal, and each labelled one that is missed.")
  private boolean hits;

  private record Judged(RecordedLine line, @Nullable Refusal found) {}

  @Override
  public Integer call() throws JsonProcessingException {
    List<RecordedLine> lines = read();
    RefusalDetector detector = new RefusalDetector();
    List<Judged> judged = new ArrayList<>();
    Labels labels = new Labels();
    long[] found = new long[3];
    long without = 0;
    for (RecordedLine line : lines) {
      String text = line.answer().text();
      Refusal refusal = text == null || text.isBlank() ? null : detector.judge(text);
      judged.add(new Judged(line, refusal));
      if (refusal == null) {
        without++;
      } else {
        found[refusal.degree()]++;
        if (!labels.add(line.label(), refusal) && line.label() != null) {
          throw terminal.wrong(
              file
                  + ":"
                  + line.number()
                  + ": label is \""
                  + line.label()
                  + "\": it must be 1_full_compliance, 2_full_refusal or 3_partial_refusal");
        }
      }
    }
    double micros = micros(detector, lines);
    PrintWriter out = terminal.out();
    out.println(
        json
            ? asJson(judged, labels, found, without, micros)
            : asText(judged, labels, found, without, micros));
    out.flush();
    return 0;
  }

  private List<RecordedLine> read() {
    try {
      return RecordedFile.read(file);
    } catch (IOException e) {
      throw terminal.wrong(
          "FILE is \"" + file + "\": it must be a file that can be read (" + e + ")");
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(Objects.requireNonNullElse(e.getMessage(), "unreadable"));
    }
  }

  /**
   * The fastest of many rounds, in µs of this thread's own time an answer: the first ones are the
   * compiler's, and other programs are nobody's.
   */
  private static double micros(RefusalDetector detector, List<RecordedLine> lines) {
    List<String> texts = new ArrayList<>();
    for (RecordedLine line : lines) {
      String text = line.answer().text();
      if (text != null && !text.isBlank()) {
        texts.add(text);
      }
    }
    if (texts.isEmpty()) {
      return 0;
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = Double.MAX_VALUE;
    long begun = threads.getCurrentThreadCpuTime();
    for (int round = 0; round < ROUNDS; round++) {
      long start = threads.getCurrentThreadCpuTime();
      for (String text : texts) {
        detector.judge(text);
      }
      long end = threads.getCurrentThreadCpuTime();
      best = Math.min(best, (end - start) / 1e3 / texts.size());
      if (end - begun > TIMING) {
        break;
      }
    }
    return best;
  }

  private String asText(
      List<Judged> judged, Labels labels, long[] found, long without, double micros) {
    StringBuilder text = new StringBuilder();
    long all = judged.size() - without;
    text.append(String.format(Locale.ROOT, "%d answers%n", judged.size()));
    text.append(
        String.format(
            Locale.ROOT, "  full refusals      %6d  %s%n", found[2], percent(found[2], all)));
    text.append(
        String.format(
            Locale.ROOT, "  partial refusals   %6d  %s%n", found[1], percent(found[1], all)));
    text.append(
        String.format(
            Locale.ROOT, "  none               %6d  %s%n", found[0], percent(found[0], all)));
    if (without > 0) {
      text.append(String.format(Locale.ROOT, "  without a text     %6d%n", without));
    }
    if (labels.total() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "%nFull refusals against the rest, %d labelled answers%n",
              labels.total()));
      text.append(String.format(Locale.ROOT, "  precision %.3f%n", labels.precision()));
      text.append(String.format(Locale.ROOT, "  recall    %.3f%n", labels.recall()));
      text.append(String.format(Locale.ROOT, "  F1        %.3f%n", labels.f1()));
      text.append(
          String.format(
              Locale.ROOT,
              "Partial refusals apart: precision %.3f, recall %.3f%n",
              labels.partialPrecision(),
              labels.partialRecall()));
      text.append(
          String.format(Locale.ROOT, "%n  labelled \\ found       full  partial     none%n"));
      String[] names = {"full compliance", "full refusal", "partial refusal"};
      for (int row : new int[] {1, 2, 0}) {
        long[] c = labels.counts()[row];
        text.append(
            String.format(Locale.ROOT, "  %-20s %6d   %6d   %6d%n", names[row], c[2], c[1], c[0]));
      }
    }
    text.append(String.format(Locale.ROOT, "%n%.1f µs an answer, of one core%n", micros));
    if (hits) {
      for (Judged each : judged) {
        String kind = kind(each);
        if (kind != null) {
          text.append(
              String.format(
                  Locale.ROOT,
                  "%n%s  line %d, question %s%n  asked:    %s%n  answered: %s%n",
                  kind,
                  each.line().number(),
                  each.line().question().id(),
                  excerpt(each.line().question().text()),
                  excerpt(Objects.requireNonNullElse(each.line().answer().text(), ""))));
        }
      }
    }
    return text.toString().stripTrailing();
  }

  /** What is worth listing of an answer; null where nothing is. */
  private static @Nullable String kind(Judged each) {
    int label = Labels.row(each.line().label());
    if (each.found() == null) {
      return null;
    }
    return switch (each.found()) {
      case FULL ->
          label < 0
              ? "FULL"
              : label == 1 ? "FULL, labelled so" : "FULL, but labelled " + name(label);
      case PARTIAL ->
          label < 0
              ? "PARTIAL"
              : label == 2 ? "PARTIAL, labelled so" : "PARTIAL, but labelled " + name(label);
      case NONE -> label <= 0 ? null : "NONE, but labelled " + name(label);
    };
  }

  private static String name(int label) {
    return switch (label) {
      case 0 -> "full compliance";
      case 1 -> "full refusal";
      default -> "partial refusal";
    };
  }

  private String asJson(
      List<Judged> judged, Labels labels, long[] found, long without, double micros)
      throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("answers", judged.size());
    root.put("full", found[2]).put("partial", found[1]).put("none", found[0]);
    root.put("withoutText", without);
    root.put("microsPerAnswer", micros);
    if (labels.total() > 0) {
      ObjectNode against = root.putObject("labels");
      against.put("answers", labels.total());
      against.put("precision", labels.precision());
      against.put("recall", labels.recall());
      against.put("f1", labels.f1());
      against.put("partialPrecision", labels.partialPrecision());
      against.put("partialRecall", labels.partialRecall());
      ObjectNode confusion = against.putObject("confusion");
      String[] names = {"fullCompliance", "fullRefusal", "partialRefusal"};
      for (int row = 0; row < names.length; row++) {
        long[] c = labels.counts()[row];
        confusion.putObject(names[row]).put("full", c[2]).put("partial", c[1]).put("none", c[0]);
      }
    }
    if (hits) {
      ArrayNode list = root.putArray("hits");
      for (Judged each : judged) {
        if (each.found() != null && kind(each) != null) {
          ObjectNode hit = list.addObject();
          hit.put("line", each.line().number());
          hit.put("id", each.line().question().id());
          hit.put("found", each.found().name().toLowerCase(Locale.ROOT));
          hit.put("label", each.line().label());
          hit.put("prompt", excerpt(each.line().question().text()));
          hit.put("answer", excerpt(Objects.requireNonNullElse(each.line().answer().text(), "")));
        }
      }
    }
    return mapper.writeValueAsString(root);
  }

  private static String percent(long part, long all) {
    return all == 0 ? "" : String.format(Locale.ROOT, "%.2f %%", 100.0 * part / all);
  }

  private static String excerpt(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT) + " …";
  }
}
