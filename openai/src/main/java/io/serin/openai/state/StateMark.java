package io.serin.openai.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How a mark is written: {@code .srn} and 20 letters of base64url, at the end of the opaque text
 * that it marks. Neither base64 nor the ids of model servers contain a dot, and a JSON string needs
 * no escape for it. A mark is found wherever it stands, since some clients join the pieces of a
 * stream.
 */
public final class StateMark {

  /** Letters after the prefix: 15 bytes in base64url. */
  public static final int LETTERS = 20;

  private static final String PREFIX = ".srn";
  private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);

  private StateMark() {}

  /**
   * A mark's text.
   *
   * @param letters {@value #LETTERS} letters of base64url
   */
  public static String of(String letters) {
    if (letters.length() != LETTERS) {
      throw new IllegalArgumentException("a mark of " + letters.length() + " letters");
    }
    return PREFIX + letters;
  }

  /** The letters of a mark. */
  public static String letters(String mark) {
    return mark.substring(PREFIX.length());
  }

  /** All marks in bytes[from, to), in their order. */
  static List<String> in(byte[] bytes, int from, int to) {
    List<String> marks = new ArrayList<>();
    for (int at = next(bytes, from, to); at >= 0; at = next(bytes, at + length(), to)) {
      marks.add(new String(bytes, at, length(), StandardCharsets.US_ASCII));
    }
    return marks;
  }

  /** Where the next mark begins; −1 where there is none. */
  static int next(byte[] bytes, int from, int to) {
    for (int at = from; at <= to - length(); at++) {
      if (bytes[at] == '.' && isMark(bytes, at)) {
        return at;
      }
    }
    return -1;
  }

  static int length() {
    return PREFIX.length() + LETTERS;
  }

  /** Whether any mark's prefix is there at all: a cheap first look at a body. */
  static boolean mentioned(byte[] bytes, int from, int to) {
    return Bytes.contains(bytes, from, to, PREFIX_BYTES);
  }

  private static boolean isMark(byte[] bytes, int at) {
    for (int i = 0; i < PREFIX_BYTES.length; i++) {
      if (bytes[at + i] != PREFIX_BYTES[i]) {
        return false;
      }
    }
    for (int i = PREFIX_BYTES.length; i < length(); i++) {
      byte b = bytes[at + i];
      if (!(b >= 'a' && b <= 'z')
          && !(b >= 'A' && b <= 'Z')
          && !(b >= '0' && b <= '9')
          && b != '-'
          && b != '_') {
        return false;
      }
    }
    return true;
  }
}
