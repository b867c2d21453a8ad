package io.serin.analytics.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The console's files refer to each other only, and write no text as markup. */
class ConsoleFilesTest {
  private static final Pattern REFERENCE = Pattern.compile("(?:href|src)=\"(/[^\"]*)\"");
  private static final Pattern IMPORT = Pattern.compile("from '\\./([a-z]+\\.js)'");

  private final ConsoleFiles files = new ConsoleFiles();

  private String text(String path) {
    return new String(
        Objects.requireNonNull(files.at(path), path).content(), StandardCharsets.UTF_8);
  }

  /** Every script that the page loads, by following imports. */
  private Set<String> scripts() {
    Set<String> found = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(Set.of("/console/main.js"));
    while (!open.isEmpty()) {
      String script = open.pop();
      if (found.add(script)) {
        Matcher imports = IMPORT.matcher(text(script));
        while (imports.find()) {
          open.push("/console/" + imports.group(1));
        }
      }
    }
    return found;
  }

  @Test
  void shouldServeEverythingThatAPageRefersTo() {
    Matcher references = REFERENCE.matcher(text("/"));
    int seen = 0;
    while (references.find()) {
      assertThat(files.at(references.group(1))).as(references.group(1)).isNotNull();
      seen++;
    }
    assertThat(seen).isGreaterThan(3);
    assertThat(scripts()).contains("/console/charts.js", "/console/uplot.js");
  }

  @Test
  void shouldHaveNoInlineCode() {
    assertThat(text("/"))
        .doesNotContain("<script>", "style=", "<style", "javascript:")
        .doesNotContainPattern(" on[a-z]+=");
  }

  @Test
  void shouldWriteTextsOfModelsAndPeopleAsTextOnly() {
    for (String script : scripts()) {
      if (!script.equals("/console/uplot.js")) {
        assertThat(text(script))
            .as(script)
            .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
            .doesNotContain("eval(", "new Function", "DOMParser");
      }
    }
  }

  @Test
  void shouldKnowNoOtherPath() {
    assertThat(files.at("/console/")).isNull();
    assertThat(files.at("/console/../index.html")).isNull();
    assertThat(files.at("/index.html")).isNull();
  }
}
