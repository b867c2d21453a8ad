package io.serin.refusals;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Reads the lists of words that lie beside the classes, in UTF-8; # begins a comment. */
final class WordLists {

  private WordLists() {}

  /** The lines of a list, without blank ones and comments. */
  static List<String> lines(String name) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(WordLists.class.getResourceAsStream(name), name), UTF_8))) {
      return in.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
