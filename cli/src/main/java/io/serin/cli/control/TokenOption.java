package io.serin.cli.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The token that the control API is called with; a picocli mixin. */
public final class TokenOption {

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the control API's token (default: the variable SERIN_TOKEN).")
  private @Nullable Path file;

  /**
   * The token; null for none.
   *
   * @throws IllegalArgumentException if the file cannot be read
   */
  public @Nullable String token() {
    Path from = file;
    String text = from == null ? System.getenv("SERIN_TOKEN") : read(from);
    return text == null || text.isBlank() ? null : text.strip();
  }

  private static String read(Path from) {
    try {
      return Files.readString(from);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--token-file: \"" + from + "\" cannot be read (" + e + "); name a readable text file",
          e);
    }
  }
}
