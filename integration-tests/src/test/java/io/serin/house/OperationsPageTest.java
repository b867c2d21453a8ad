package io.serin.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that docs/operations.md names exists. */
class OperationsPageTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z]+(?:Test|IT))`");

  @Test
  void shouldNameOnlyTestsThatExist() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operations.md"));
    Set<String> named =
        NAMED
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(named).hasSizeGreaterThan(15);
    assertThat(tests()).containsAll(named);
  }

  @Test
  void shouldNameATestInEveryRow() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operations.md"));
    String tables = page.substring(0, page.indexOf("## On call"));
    assertThat(tables.lines().filter(line -> line.startsWith("| ") && !line.startsWith("| way")))
        .allMatch(line -> NAMED.matcher(line).find());
  }

  private static Set<String> tests() throws IOException {
    Set<String> tests = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path sources = module.resolve("src/test/java");
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".java"))
                .forEach(name -> tests.add(name.substring(0, name.length() - ".java".length())));
          }
        }
      }
    }
    return tests;
  }
}
