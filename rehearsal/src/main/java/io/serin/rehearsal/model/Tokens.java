package io.serin.rehearsal.model;

import java.util.ArrayList;
import java.util.List;

/**
 * An approximate tokenizer: a token is up to four characters of one word, with the white space
 * before it. English text gets about as many tokens as from the tokenizers of real models; joining
 * the pieces gives the text again.
 */
public final class Tokens {

  private static final int LENGTH = 4;

  private Tokens() {}

  /** Cuts a text into tokens. */
  public static List<String> split(String text) {
    List<String> pieces = new ArrayList<>(text.length() / LENGTH + 1);
    int start = 0;
    int inWord = 0;
    for (int i = 0; i < text.length(); i++) {
      boolean space = Character.isWhitespace(text.charAt(i));
      boolean full = inWord >= LENGTH && !Character.isLowSurrogate(text.charAt(i));
      if (inWord > 0 && (space || full)) {
        pieces.add(text.substring(start, i));
        start = i;
        inWord = 0;
      }
      if (!space) {
        inWord++;
      }
    }
    if (start < text.length()) {
      pieces.add(text.substring(start));
    }
    return pieces;
  }
}
