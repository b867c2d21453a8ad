package io.serin.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.router.feedback.OverrideToken;
import io.serin.router.feedback.RequestIds;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OverrideCommandTest {

  private static final byte[] KEY = "a key of 16 byte".getBytes(StandardCharsets.UTF_8);

  private final Path key;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  OverrideCommandTest(@TempDir Path temp) {
    key = temp.resolve("signing-key");
  }

  @Test
  void shouldMakeATokenThatRoutersWithTheKeyRead() throws Exception {
    Files.writeString(key, Base64.getUrlEncoder().encodeToString(KEY) + "\n");
    Instant before = Instant.now();

    assertThat(run("assistant", "candidate", "--for", "30m", "--key", key.toString(), "--json"))
        .isZero();

    JsonNode answer = new ObjectMapper().readTree(out.toString());
    OverrideToken token =
        new RequestIds(List.of(KEY)).overrides().read(answer.path("token").asText()).orElseThrow();
    assertThat(token.rollout()).isEqualTo("assistant");
    assertThat(token.variant()).isEqualTo("candidate");
    assertThat(Duration.between(before, token.expiresAt()))
        .isBetween(Duration.ofMinutes(29), Duration.ofMinutes(31));
    assertThat(answer.path("expires_at").asText()).isEqualTo(token.expiresAt().toString());
    assertThat(answer.path("curl").asText())
        .startsWith("curl http://127.0.0.1:8080/v1/chat/completions ")
        .contains("-H 'x-serin-variant-token: " + answer.path("token").asText() + "'");
  }

  @Test
  void shouldSayWhatIsWrong() throws Exception {
    Path none = key.resolveSibling("none");
    assertThat(run("assistant", "candidate", "--key", none.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("--key is \"" + none + "\"");
    assertThat(none).doesNotExist();

    Files.writeString(key, "dG9vIHNob3J0\n");
    assertThat(run("assistant", "candidate", "--key", key.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("at least 16 are needed");

    assertThat(run("assistant", "candidate", "--for", "8d")).isEqualTo(2);
    assertThat(err.toString()).contains("--for is \"8d\": it must be at most 7d");

    assertThat(run("it's", "candidate")).isEqualTo(2);
    assertThat(err.toString()).contains("ROLLOUT is \"it's\"");
  }

  private int run(String... arguments) {
    CommandLine line = new CommandLine(new OverrideCommand());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
