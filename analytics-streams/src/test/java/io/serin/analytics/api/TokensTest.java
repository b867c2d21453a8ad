package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private final Path folder;

  TokensTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void shouldKnowWhoATokenIs() throws IOException {
    Tokens tokens =
        Tokens.of(file("# on call\noperator ann 0123456789abcdef\n\nviewer bo fedcba9876543210\n"));

    assertThat(tokens.caller("Bearer 0123456789abcdef"))
        .isEqualTo(new Tokens.Caller("ann", Role.OPERATOR));
    assertThat(tokens.caller("bearer fedcba9876543210"))
        .isEqualTo(new Tokens.Caller("bo", Role.VIEWER));
    assertThat(tokens.caller("Bearer 0123456789abcdeX")).isNull();
    assertThat(tokens.caller("Basic 0123456789abcdef")).isNull();
    assertThat(tokens.caller(null)).isNull();
  }

  @Test
  void shouldReadAFileAgainThatChangedAndKeepWhatItHadWhereThatIsWrong() throws IOException {
    Path file = file("operator ann 0123456789abcdef\n");
    AtomicLong nanos = new AtomicLong();
    Tokens tokens = Tokens.of(file, () -> nanos.addAndGet(TimeUnit.SECONDS.toNanos(2)));

    change(file, "operator cy cccccccccccccccc\n", 1);
    assertThat(tokens.caller("Bearer 0123456789abcdef")).isNull();
    assertThat(tokens.caller("Bearer cccccccccccccccc")).isNotNull();
    change(file, "admin cy cccccccccccccccc\n", 2);

    assertThat(tokens.caller("Bearer cccccccccccccccc")).isNotNull();
  }

  @Test
  void shouldNameTheLineThatIsWrong() throws IOException {
    Path short2 = file("operator ann 0123456789abcdef\nviewer bo short\n");
    assertThatThrownBy(() -> Tokens.of(short2))
        .hasMessageStartingWith("tokens: ")
        .hasMessageEndingWith("line 2: the secret must have at least 16 characters");
    Path role = file("admin ann 0123456789abcdef\n");
    assertThatThrownBy(() -> Tokens.of(role)).hasMessageContaining("role is 'admin'");
    assertThatThrownBy(() -> Tokens.of(folder.resolve("none"))).hasMessageContaining("none");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "tokens", ""), text);
  }

  private static void change(Path file, String text, int seconds) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(System.currentTimeMillis() + 1_000L * seconds));
  }
}
