package io.serin.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.simulation.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Recorded tokens from the folder named by {@code serin.data}; skips where it is absent. */
class RealValuesTest {
  private static final int RUNS = Integer.getInteger("serin.simulation.runs", 40);

  @Test
  void shouldKeepItsLevelOnTheTokensOfAzuresTrace() throws IOException {
    Path file = file("azure-llm-2023-conv.csv");
    try (Stream<String> lines = Files.lines(file)) {
      check(
          "azure-tokens",
          lines.skip(1).map(l -> Double.parseDouble(l.substring(l.lastIndexOf(',') + 1).trim())));
    }
  }

  @Test
  void shouldKeepItsLevelOnTheTokensOfMooncakesTrace() throws IOException {
    check(
        "mooncake-tokens",
        json("mooncake-conversation.jsonl.gz", n -> n.path("output_length").asDouble()));
  }

  @Test
  void shouldKeepItsLevelOnTheLengthsOfRecordedAnswers() throws IOException {
    check(
        "answer-lengths",
        json(
            "alpaca-eval-gpt-4o-mini-2024-07-18.jsonl.gz",
            n -> n.path("output").asText().length()));
  }

  private static void check(String label, Stream<Double> values) {
    List<Double> positive = values.filter(v -> v > 0).toList();
    Report report = new RealValues(label, positive).run(20_261_122, RUNS);
    System.out.println(report.text());
    // A few runs of one guard may see no alarm at all; those of all guards together must.
    assertThat(report.figures())
        .allSatisfy(
            f ->
                assertThat(f.holds() || (f.value() == 0 && f.low() == Double.MIN_VALUE))
                    .as(f.toString())
                    .isTrue())
        .anySatisfy(f -> assertThat(f.low() == Double.MIN_VALUE && f.value() > 0).isTrue());
  }

  private static Stream<Double> json(String name, ToDoubleFunction<JsonNode> value)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file(name))), StandardCharsets.UTF_8))) {
      return reader.lines().toList().stream().map(line -> value.applyAsDouble(read(mapper, line)));
    }
  }

  private static JsonNode read(ObjectMapper mapper, String line) {
    try {
      return mapper.readTree(line);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Path file(String name) {
    String named = System.getProperty("serin.data", "");
    List<Path> folders =
        named.isEmpty()
            ? List.of(Path.of("../shared/data"), Path.of("../../shared/data"))
            : List.of(Path.of(named));
    Optional<Path> file =
        folders.stream().map(f -> f.resolve(name)).filter(Files::isRegularFile).findFirst();
    if (file.isEmpty()) {
      abort(
          "no recorded data: name a folder that holds "
              + name
              + " with -Dserin.data=FOLDER (default ../shared/data)");
    }
    return file.get();
  }
}
