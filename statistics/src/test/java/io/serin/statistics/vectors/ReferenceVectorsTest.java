package io.serin.statistics.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Runs a file of reference vectors, named by the system property {@code serin.vectors}; by default
 * {@code ../shared/data/statistics-vectors.json} beside the project. Skips where the file is
 * absent.
 */
class ReferenceVectorsTest {
  private static final String DEFAULT = "shared/data/statistics-vectors.json";

  @Test
  void shouldReproduceEveryVectorOfTheFile() throws IOException {
    Optional<Path> file = file();
    if (file.isEmpty()) {
      abort(
          "no reference vectors: name a file with -Dserin.vectors=FILE (default ../"
              + DEFAULT
              + ")");
    }
    VectorReport report =
        VectorReport.of(new ObjectMapper().readTree(Files.readString(file.get())));
    System.out.println(file.get() + System.lineSeparator() + report.text());
    assertThat(report.lines())
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line.outcome()).as(line.text()).isEqualTo(VectorReport.Outcome.PASS));
  }

  @Test
  void shouldReproduceOurOwnSelection() {
    VectorReport report = VectorReport.of(Fixtures.read("/more-vectors.json"));
    System.out.println(report.text());
    assertThat(report.lines())
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line.outcome()).as(line.text()).isEqualTo(VectorReport.Outcome.PASS));
  }

  private static Optional<Path> file() {
    String named = System.getProperty("serin.vectors", "");
    List<Path> candidates =
        named.isEmpty()
            ? List.of(Path.of("..", DEFAULT), Path.of("..", "..", DEFAULT))
            : List.of(Path.of(named), Path.of("..").resolve(named));
    return candidates.stream().filter(Files::isRegularFile).findFirst();
  }
}
