package io.serin.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {

  @Test
  void shouldReadTimesOfSevenDigits() throws IOException {
    Trace trace =
        read(
            """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.6805900,374,44
            2023-11-16 18:15:50.9951690,396,109
            2023-11-16 18:15:51,1,2
            """);

    assertThat(trace.arrivals())
        .containsExactly(
            new Trace.Arrival(0, 374, 44),
            new Trace.Arrival(4_314_579_000L, 396, 109),
            new Trace.Arrival(4_319_410_000L, 1, 2));
  }

  @Test
  void shouldReadMillisecondsAndSortThem() throws IOException {
    Trace trace =
        read(
            """
            {"timestamp": 3000, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}
            {"timestamp": 1000, "input_length": 10, "output_length": 5, "hash_ids": []}
            """);

    assertThat(trace.arrivals())
        .containsExactly(new Trace.Arrival(0, 10, 5), new Trace.Arrival(2_000_000_000L, 6758, 500));
  }

  @Test
  void shouldPlayFasterThanRecorded() throws IOException {
    Trace trace =
        read(
            "{\"timestamp\":0,\"input_length\":1,\"output_length\":1}\n"
                + "{\"timestamp\":5000,\"input_length\":1,\"output_length\":1}");

    assertThat(Arrivals.recorded(trace, 10)).toIterable().containsExactly(0L, 500_000_000L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TIMESTAMP,Tokens | t:1: header 'TIMESTAMP,Tokens' must be TIMESTAMP,ContextTokens,GeneratedTokens",
        "1;2;3 | t:1: is neither JSON nor the header",
        "{\"timestamp\":-1} | t:1: timestamp '-1', must be a number of at least 0",
        "{\"timestamp\":1} | t:1: input_length is missing",
      })
  void shouldNameLineAndField(String text, String message) {
    assertThatThrownBy(() -> read(text)).hasMessageContaining(message);
  }

  @Test
  void shouldNameTheBadFieldOfACsvLine() {
    String header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

    assertThatThrownBy(() -> read(header + "yesterday,1,2"))
        .hasMessageContaining("t:2: TIMESTAMP 'yesterday' must be like");
    assertThatThrownBy(() -> read(header + "2023-11-16 18:15:46.68,x,2"))
        .hasMessageContaining("t:2: ContextTokens 'x' must be a whole number");
    assertThatThrownBy(() -> read(header + "2023-11-16 18:15:46.68,1"))
        .hasMessageContaining("must have three fields");
  }

  @Test
  void shouldReadTheRecordedTraces() throws IOException {
    Path data = Path.of("../../shared/data");
    Assumptions.assumeTrue(Files.isDirectory(data), "no recorded traces at " + data);

    Trace azure = Trace.read(data.resolve("azure-llm-2023-conv.csv"));
    Trace mooncake = Trace.read(data.resolve("mooncake-conversation.jsonl.gz"));

    assertThat(azure.arrivals()).hasSize(19_366);
    assertThat(azure.arrivals().getLast().offsetNanos() / 1e9).isBetween(3_000.0, 3_700.0);
    assertThat(mooncake.arrivals()).hasSize(12_031);
  }

  private static Trace read(String text) throws IOException {
    return Trace.read("t", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }
}
