package io.serin.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompareCommandTest {
  private static final String[] MODELS = {
    "gpt-3.5-turbo-1106", "gpt-4o-mini-2024-07-18", "Mistral-7B-Instruct-v0.2"
  };

  private final Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  CompareCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void shouldFindTheDifferencesOfThreeRealModels() throws IOException {
    for (int other = 1; other < MODELS.length; other++) {
      JsonNode told = compare(recorded(0), recorded(other), "--json");

      assertThat(told.path("pairs").asInt()).isEqualTo(805);
      JsonNode length = metric(told, "length");
      assertThat(length.path("verdict").asText()).isEqualTo("different");
      assertThat(length.path("low").asDouble()).isGreaterThan(2);
      assertThat(metric(told, "refused").path("verdict").asText()).isEqualTo("better");
      assertThat(metric(told, "list").path("verdict").asText()).isEqualTo("different");
      assertThat(metric(told, "bold").path("verdict").asText()).isEqualTo("different");
      assertThat(told.path("examples")).hasSize(10);
    }
  }

  @Test
  void shouldFindNothingInOneModelAgainstItself() throws IOException {
    JsonNode told = compare(recorded(0), recorded(0), "--json", "--splits", "40");

    assertThat(told.path("anyFound").asBoolean()).isFalse();
    assertThat(told.path("splits")).hasSize(2);
    told.path("splits")
        .forEach(
            each ->
                assertThat(each.path("rate").asDouble())
                    .as(each.path("what").asText())
                    .isLessThanOrEqualTo(0.05 + 2 * Math.sqrt(0.05 * 0.95 / 40)));
  }

  @Test
  void shouldWriteAReportThatLoadsNothing() throws IOException {
    Path control =
        write(
            "control",
            40,
            "The <b>number</b> is %d, & so on, for <i>ever</i> and a day, as all of them are.");
    Path candidate = write("candidate", 40, "# %d\n\n- It.");
    Path page = directory.resolve("report.html");

    assertThat(run(control, candidate, "--html", page.toString())).as(err.toString()).isZero();

    String html = Files.readString(page);
    assertThat(html)
        .contains("<svg")
        .contains("&lt;b&gt;number&lt;/b&gt; is")
        .contains("&amp; so on");
    assertThat(html).doesNotContain("<script").doesNotContain("src=").doesNotContain("href=");
    assertThat(html).doesNotContain("http://").doesNotContain("https://").doesNotContain("NaN");
    assertThat(out.toString()).contains("heading").contains("written: " + page);
  }

  @Test
  void shouldReadAllThatIsKnownOfAnAnswer() throws IOException {
    Path control = directory.resolve("control.jsonl");
    Path candidate = directory.resolve("candidate.jsonl");
    StringBuilder left = new StringBuilder();
    StringBuilder right = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      String line =
          "{\"prompt\":\"p%d\",\"output\":%s,\"latency_ms\":%d,\"ttft_ms\":%d,\"usage\":{\"completion_tokens\":%d},"
              + "\"finish_reason\":\"%s\",\"tenant\":\"t%d\",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
              + "{\"schema\":{\"type\":\"object\",\"required\":[\"a\"]}}}}%n";
      left.append(line.formatted(i, "\"{\\\"a\\\":1}\"", 100 + i, 20, 10, "stop", i % 2));
      right.append(
          line.formatted(
              i,
              i % 3 == 0 ? "\"{\\\"b\\\":1}\"" : "\"{\\\"a\\\":1}\"",
              150 + i,
              30,
              12,
              "length",
              i % 2));
    }
    Files.writeString(control, left);
    Files.writeString(candidate, right);

    JsonNode told = compare(control, candidate, "--json", "--again", control.toString());

    assertThat(metric(told, "schema-broken").path("verdict").asText()).isEqualTo("worse");
    assertThat(metric(told, "latency").path("verdict").asText()).isEqualTo("worse");
    assertThat(metric(told, "ttft").path("effect").asDouble()).isBetween(1.49, 1.51);
    assertThat(metric(told, "tokens").path("verdict").asText()).isEqualTo("different");
    assertThat(metric(told, "cut-short").path("verdict").asText()).isEqualTo("worse");
    assertThat(told.path("sameFinishReason").asDouble()).isZero();
    assertThat(told.path("words").path("controlWithItself").asDouble()).isEqualTo(1);
    assertThat(told.path("segments").findValuesAsText("segment")).contains("tenant=t0");
  }

  @Test
  void shouldAskAnEmbeddingAndAJudgeEndpoint() throws IOException {
    List<String> asked = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/embeddings",
        exchange -> {
          int texts = new ObjectMapper().readTree(exchange.getRequestBody()).path("input").size();
          StringBuilder data = new StringBuilder();
          for (int i = 0; i < texts; i++) {
            data.append(i == 0 ? "" : ",")
                .append("{\"index\":")
                .append(i)
                .append(",\"embedding\":[1.0,")
                .append(i)
                .append("]}");
          }
          answer(exchange, "{\"data\":[" + data + "]}");
        });
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(body);
          answer(
              exchange,
              "{\"choices\":[{\"message\":{\"content\":\"{\\\"better\\\":\\\"A\\\"}\"}}],\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":5}}");
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
      Path control = write("control", 12, "The number is %d.");
      Path candidate = write("candidate", 12, "It is %d.");

      JsonNode told =
          compare(
              control,
              candidate,
              "--json",
              "--embeddings",
              url,
              "--judge",
              url,
              "--judge-pairs",
              "5",
              "--judge-price",
              "1,2");

      assertThat(told.path("embeddings").path("pairs").asInt()).isEqualTo(12);
      assertThat(told.path("judge").path("pairs").asInt()).isEqualTo(5);
      // It always prefers the first: it is swayed by the order, and nobody wins.
      assertThat(told.path("judge").path("swayedByOrder").asInt()).isEqualTo(5);
      assertThat(told.path("judge").path("agreement").asDouble()).isZero();
      assertThat(told.path("judge").path("cost").asDouble()).isEqualTo((500 + 2 * 50) / 1e6);
      assertThat(asked).hasSize(10);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldSayWhatIsWrong() throws IOException {
    Path file = write("control", 3, "%d");

    assertThat(run(file, directory.resolve("none.jsonl"))).isEqualTo(2);
    assertThat(err.toString()).contains("CANDIDATE is").contains("must be a file that can be read");
    assertThat(run(file, file, "--alpha", "0.7")).isEqualTo(2);
    assertThat(err.toString()).contains("--alpha is 0.7: it must lie between 0 and 0.5");
    assertThat(run(file, file, "--judge", "ftp://x")).isEqualTo(2);
    assertThat(err.toString()).contains("--judge is \"ftp://x\": it must be a URL");
    assertThat(run(file, file, "--judge", "http://127.0.0.1:1/v1")).isEqualTo(1);
    assertThat(err.toString()).contains("cannot be reached");
  }

  private static void answer(HttpExchange exchange, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private Path write(String name, int lines, String output) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append(
          mapper
              .createObjectNode()
              .put("prompt", "What is the number " + i + "?")
              .put("output", output.formatted(i)));
      text.append('\n');
    }
    return Files.writeString(directory.resolve(name + ".jsonl"), text);
  }

  private static Path recorded(int model) {
    String set = System.getProperty("serin.data");
    Path folder = set == null ? Path.of("..", "..", "shared", "data") : Path.of(set);
    Path file = folder.resolve("alpaca-eval-" + MODELS[model] + ".jsonl.gz");
    assumeThat(file)
        .as("recorded answers are not here: -Dserin.data=FOLDER says where %s is", file)
        .exists();
    return file;
  }

  private static JsonNode metric(JsonNode told, String id) {
    for (JsonNode each : told.path("metrics")) {
      if (each.path("metric").asText().equals(id)) {
        return each;
      }
    }
    throw new AssertionError("no metric " + id + " in " + told.path("metrics"));
  }

  private JsonNode compare(Path control, Path candidate, String... options) throws IOException {
    out.getBuffer().setLength(0);
    assertThat(run(control, candidate, options)).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  private int run(Path control, Path candidate, String... options) {
    CommandLine line = new CommandLine(new CompareCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of(control.toString(), candidate.toString()));
    all.addAll(List.of(options));
    return line.execute(all.toArray(String[]::new));
  }
}
