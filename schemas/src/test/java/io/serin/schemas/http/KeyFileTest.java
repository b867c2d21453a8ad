package io.serin.schemas.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
class KeyFileTest {

  @TempDir private Path folder;

  @Test
  void shouldReadItselfAgainWhenItChangesAndKeepWhatItKnewWhereItIsWrong() throws IOException {
    Path file = folder.resolve("tokens");
    AtomicLong nanos = new AtomicLong();
    write(file, "# who\n\noperator ann 0123456789abcdef\n", 1);
    KeyFile<Operator> tokens = new KeyFile<>("admin-tokens", file, Operator::read, nanos::get);
    assertThat(tokens.owner("0123456789abcdef")).isEqualTo(new Operator("ann", true));
    assertThat(tokens.owner("0123456789abcdee")).isNull();
    assertThat(tokens.owner(null)).isNull();

    write(file, "viewer bob fedcba9876543210\n", 2);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

    assertThat(tokens.owner("fedcba9876543210")).isEqualTo(new Operator("bob", false));
    assertThat(tokens.owner("0123456789abcdef")).isNull();

    write(file, "viewer short 1\n", 3);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

    assertThat(tokens.owner("fedcba9876543210")).isEqualTo(new Operator("bob", false));
  }

  @ParameterizedTest
  @CsvSource({
    "viewer ann short,the secret must have at least 16 characters",
    "owner ann 0123456789abcdef,'role is ''owner'', must be viewer or operator'",
    "0123456789abcdef,'must be ROLE NAME TOKEN, without blanks in them'"
  })
  void shouldNameTheLineAndTheRuleWhereItIsWrong(String line, String rule) throws IOException {
    Path file = folder.resolve("tokens");
    write(file, "# first\n" + line + "\n", 1);

    assertThatThrownBy(() -> new KeyFile<>("admin-tokens", file, Operator::read, System::nanoTime))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("admin-tokens")
        .hasMessageContaining("line 2")
        .hasMessageContaining(rule);
  }

  private static void write(Path file, String text, int second) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH.plusSeconds(second)));
  }
}
