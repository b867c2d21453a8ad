package io.serin.cli.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import picocli.CommandLine;

class SimulateCommandTest {
  @TempDir private Path folder = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = new CommandLine(new SimulateCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void shouldListAndRunTheNamedScenarios() throws Exception {
    assertThat(run()).isZero();
    assertThat(out.toString()).contains("detection", "adaptive-ramp", "real");
    Path plot = folder.resolve("simpson.svg");
    assertThat(run("simpson", "--seed", "3", "--plot", plot.toString())).isZero();
    assertThat(out.toString()).contains("simpson (seed 3, 1 runs)");
    parse(Files.readString(plot));
  }

  @Test
  void shouldJudgeACanaryOfAFileBesideTheOthers() throws Exception {
    String yaml =
        file(
            "canary.yaml",
            """
            scenario: errors <grow> & grow
            baseline: 1%
            effect: 5%
            share: 25%
            requests: 12k
            guard: {alpha: 0.05}
            runs: 60
            """);
    Path plot = folder.resolve("canary.svg");
    assertThat(run(yaml, "--json", "--plot", plot.toString())).as(err.toString()).isZero();
    JsonNode report = new ObjectMapper().readTree(out.toString());
    JsonNode serin = report.path("methods").path(0);
    assertThat(serin.path("power").asDouble()).isGreaterThan(0.95);
    assertThat(serin.path("falseAlarms").asDouble()).isLessThan(0.1);
    assertThat(serin.path("timesLimit").asDouble()).isBetween(1.0, 2.0);
    JsonNode naive = report.path("methods").path(1);
    assertThat(naive.path("falseAlarms").asDouble())
        .isGreaterThan(serin.path("falseAlarms").asDouble());
    parse(Files.readString(plot));
  }

  @Test
  void shouldGiveTheSameFiguresForTheSameSeedAndReadJson() throws Exception {
    String json =
        file(
            "latency.json",
            """
            {"metric": "latency.p50", "effect": "1.8x", "share": 0.25, "requests": 1500,
             "users": {"number": 800}, "rivals": {"requestsPerMinute": 100}, "faultFrom": 200}
            """);
    assertThat(run(json, "--runs", "30", "--json")).as(err.toString()).isZero();
    String first = out.toString();
    out.getBuffer().setLength(0);
    assertThat(run(json, "--runs", "30", "--json")).isZero();
    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void shouldRunItsOwnExample() throws IOException {
    String example = file("example.yaml", ScenarioFile.EXAMPLE);
    assertThat(run(example, "--runs", "3")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("fewest of any test", "Serin rolled back");
  }

  @Test
  void shouldReadRecordedValues() throws IOException {
    StringBuilder csv = new StringBuilder("at,tokens\n");
    for (int i = 0; i < 400; i++) {
      csv.append(i).append(',').append(50 + i % 37).append('\n');
    }
    String values = file("values.csv", csv.toString());
    assertThat(run("real", "--values", values, "--field", "tokens", "--runs", "3", "--json"))
        .isIn(0, 1);
    assertThat(out.toString()).contains("real-tokens");
    assertThat(run("real", "--values", values, "--field", "cost")).isEqualTo(2);
    assertThat(err.toString()).contains("--field is \"cost\": it must be one of the columns");
  }

  @Test
  void shouldJudgeARecordedTraceSplitAtRandom() throws IOException {
    StringBuilder csv = new StringBuilder("at_ms,unit,duration_ms,failed\n");
    for (int i = 0; i < 1_200; i++) {
      csv.append(1_000 + 100 * i).append(",u").append(i % 400).append(',');
      csv.append(150 + i * 7_919 % 100).append(i % 100 == 0 ? ",1\n" : ",0\n");
    }
    String trace = file("trace.csv", csv.toString());

    assertThat(run("ugly", "--trace", trace, "--runs", "2")).as(err.toString()).isZero();

    assertThat(out.toString()).contains("your own trace: 1,200 requests of 400 users");
    assertThat(out.toString()).contains("identical, α 0.01: rolled back");
    assertThat(run("ugly", "--trace", file("a.csv", "at_ms,unit\n1,u\n"))).isEqualTo(2);
    assertThat(err.toString()).contains("line 1: the header must name the column duration_ms");
    assertThat(run("ugly", "--trace", file("b.csv", csv.toString().replace("\n1900,", "\n900,"))))
        .isEqualTo(2);
    assertThat(err.toString()).contains("line 11: at_ms is 900: times must not fall");
    assertThat(run("ugly", "--scenario", "nosuch")).isEqualTo(2);
    assertThat(err.toString()).contains("--scenario is nosuch: must be one of both-out");
  }

  @Test
  void shouldNameTheFieldThatIsWrong() throws IOException {
    assertThat(run("nosuch")).isEqualTo(2);
    assertThat(err.toString()).contains("SCENARIO is \"nosuch\"");
    assertThat(run(file("a.yaml", "baseline: 1%\neffect: 2%\nshare: 0"))).isEqualTo(2);
    assertThat(err.toString()).contains("share is 0: must lie strictly between 0% and 100%");
    assertThat(run(file("b.yaml", "baseline: 1%\neffect: 2%\nuser: {}"))).isEqualTo(2);
    assertThat(err.toString()).contains("line 3: user is not a known field; did you mean users?");
    assertThat(run(file("c.yaml", "metric: latency.p50\neffect: 2\nbaseline: 400"))).isEqualTo(2);
    assertThat(err.toString()).contains("baseline is 400: must be {median");
    assertThat(run("late", "--runs", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--runs is 0");
  }

  private static void parse(String svg) throws Exception {
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }
}
