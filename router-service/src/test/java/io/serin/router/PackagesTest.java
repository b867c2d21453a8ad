package io.serin.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pure packages take values and return values: no network, no Kafka, no records, no logging. */
class PackagesTest {

  private static final List<String> ADAPTERS =
      List.of(
          "import io.vertx",
          "import org.apache",
          "import io.serin.schemas",
          "import org.slf4j",
          "import io.micrometer");

  @ParameterizedTest
  @ValueSource(strings = {"trip", "feedback"})
  void shouldKeepPurePackagesPure(String name) throws IOException {
    Path folder = Path.of("src/main/java/io/serin/router", name);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.toList())
          .isNotEmpty()
          .allSatisfy(
              file ->
                  assertThat(Files.readAllLines(file)).noneMatch(PackagesTest::importsAnAdapter));
    }
  }

  private static boolean importsAnAdapter(String line) {
    return ADAPTERS.stream().anyMatch(line::startsWith);
  }
}
