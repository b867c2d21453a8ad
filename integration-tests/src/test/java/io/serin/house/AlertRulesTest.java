package io.serin.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The alert rules: their metrics exist, each has a runbook, and promtool's tests of them hold. */
class AlertRulesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path ALERTS = ROOT.resolve("docs/alerts");
  private static final Pattern METRIC = Pattern.compile("\\bserin(?:_[a-z]+)+");
  private static final Pattern RUNBOOK = Pattern.compile("runbook: (docs/[a-z]+\\.md)#([a-z]+)");

  @Test
  void shouldAskForMetricsThatExist() throws IOException {
    Set<String> known = metersInCode();
    Matcher asked = METRIC.matcher(Files.readString(ALERTS.resolve("serin.yml")));
    int seen = 0;
    while (asked.find()) {
      assertThat(known).contains(asked.group().replaceFirst("_total$", ""));
      seen++;
    }
    assertThat(seen).isGreaterThan(8);
  }

  @Test
  void shouldHaveARunbookForEachAlert() throws IOException {
    String rules = Files.readString(ALERTS.resolve("serin.yml"));
    Matcher runbooks = RUNBOOK.matcher(rules);
    int seen = 0;
    while (runbooks.find()) {
      assertThat(Files.readString(ROOT.resolve(runbooks.group(1))).toLowerCase(Locale.ROOT))
          .contains("### " + runbooks.group(2) + "\n");
      seen++;
    }
    assertThat(seen).isEqualTo(rules.split("- alert: ", -1).length - 1);
  }

  @Test
  void shouldFireAsTheirOwnTestsSay() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))),
        "promtool is not installed (Debian's package prometheus): the rules' own tests are skipped");
    Process promtool =
        new ProcessBuilder("promtool", "test", "rules", "serin-test.yml")
            .directory(ALERTS.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(promtool.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(promtool.exitValue()).as(said).isZero();
  }

  /** Names in the code, as Prometheus writes them. */
  private static Set<String> metersInCode() throws IOException {
    Pattern meter = Pattern.compile("\"(serin(?:\\.[a-z]+)+)\"");
    Set<String> names = new TreeSet<>();
    for (String module : new String[] {"router-service", "analytics-streams", "shadow-worker"}) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          Matcher found = meter.matcher(Files.readString(file));
          while (found.find()) {
            names.add(found.group(1).replace('.', '_'));
          }
        }
      }
    }
    return names;
  }
}
