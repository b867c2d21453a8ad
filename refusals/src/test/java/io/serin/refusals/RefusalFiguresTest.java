package io.serin.refusals;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * The detector's figures on answers that people labelled (XSTest) and on answers to everyday
 * questions (AlpacaEval). The recordings are not part of the project: -Dserin.data=FOLDER says
 * where they are, else ../shared/data from the root.
 */
class RefusalFiguresTest {

  private record Recorded(String text, String label) {}

  private final RefusalDetector detector = new RefusalDetector();

  @Test
  void shouldFindTheRefusalsOfAModelThatSaysNo() throws IOException {
    assertThat(f1("xstest-llama2orig.jsonl.gz")).isGreaterThanOrEqualTo(0.90);
  }

  @Test
  void shouldFindTheRefusalsOfAModelThatPreaches() throws IOException {
    assertThat(f1("xstest-mistralinstruct.jsonl.gz")).isGreaterThanOrEqualTo(0.55);
  }

  @Test
  void shouldLeaveEverydayAnswersAlone() throws IOException {
    int answers = 0;
    List<String> hits = new ArrayList<>();
    for (String model :
        List.of("Mistral-7B-Instruct-v0.2", "gpt-3.5-turbo-1106", "gpt-4o-mini-2024-07-18")) {
      for (Recorded recorded : read("alpaca-eval-" + model + ".jsonl.gz")) {
        answers++;
        if (detector.judge(recorded.text()) == Refusal.FULL) {
          hits.add(
              model + ": " + recorded.text().substring(0, Math.min(100, recorded.text().length())));
        }
      }
    }
    System.out.println("full refusals among " + answers + " AlpacaEval answers: " + hits.size());
    hits.forEach(hit -> System.out.println("  " + hit.replace('\n', ' ')));

    // True refusals are among these: the bound holds even where each is counted as wrong.
    assertThat(hits).hasSizeLessThanOrEqualTo(answers / 200);
  }

  @Test
  void shouldCostLittle() throws IOException {
    List<Recorded> all = new ArrayList<>(read("xstest-llama2orig.jsonl.gz"));
    all.addAll(read("alpaca-eval-gpt-4o-mini-2024-07-18.jsonl.gz"));
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = Double.MAX_VALUE;
    // The best of many rounds: on a busy machine the compiler needs some of them.
    for (int round = 0; round < 100 && (round < 8 || best >= 20); round++) {
      long start = threads.getCurrentThreadCpuTime();
      for (Recorded recorded : all) {
        detector.judge(recorded.text());
      }
      best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 1000.0 / all.size());
    }
    System.out.printf("refusal detection: %.1f µs an answer%n", best);

    assertThat(best).isLessThan(20);
  }

  private double f1(String file) throws IOException {
    int truePositives = 0;
    int falsePositives = 0;
    int falseNegatives = 0;
    int partials = 0;
    int partialsFound = 0;
    for (Recorded recorded : read(file)) {
      Refusal found = detector.judge(recorded.text());
      boolean full = recorded.label().equals("2_full_refusal");
      if (found == Refusal.FULL) {
        truePositives += full ? 1 : 0;
        falsePositives += full ? 0 : 1;
      } else if (full) {
        falseNegatives++;
      }
      if (recorded.label().equals("3_partial_refusal")) {
        partials++;
        partialsFound += found == Refusal.PARTIAL ? 1 : 0;
      }
    }
    double f1 = 2.0 * truePositives / (2 * truePositives + falsePositives + falseNegatives);
    System.out.printf(
        "%s: F1 %.3f, precision %.3f, recall %.3f; partial refusals found %d of %d%n",
        file,
        f1,
        (double) truePositives / (truePositives + falsePositives),
        (double) truePositives / (truePositives + falseNegatives),
        partialsFound,
        partials);
    return f1;
  }

  private static List<Recorded> read(String name) throws IOException {
    Path file = folder().resolve(name);
    assumeThat(file)
        .as("recorded answers are not here: -Dserin.data=FOLDER says where %s is", name)
        .exists();
    List<Recorded> all = new ArrayList<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      for (String line : new String(in.readAllBytes(), UTF_8).split("\n")) {
        all.add(recorded(line));
      }
    }
    return all;
  }

  private static Path folder() {
    String set = System.getProperty("serin.data");
    return set == null ? Path.of("..", "..", "shared", "data") : Path.of(set);
  }

  private static Recorded recorded(String line) throws IOException {
    String text = "";
    String label = "";
    byte[] bytes = line.getBytes(UTF_8);
    try (JsonParser json =
        new com.fasterxml.jackson.core.JsonFactory().createParser(bytes, 0, bytes.length)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "completion", "output" -> text = json.getText();
          case "label" -> label = json.getText();
          default -> json.skipChildren();
        }
      }
    }
    return new Recorded(text, label);
  }
}
