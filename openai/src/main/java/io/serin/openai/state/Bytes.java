package io.serin.openai.state;

import java.util.Arrays;

/** Searching bytes. */
final class Bytes {

  private Bytes() {}

  static boolean contains(byte[] bytes, int from, int to, byte[] needle) {
    byte first = needle[0];
    for (int i = from; i <= to - needle.length; i++) {
      if (bytes[i] == first
          && Arrays.equals(bytes, i, i + needle.length, needle, 0, needle.length)) {
        return true;
      }
    }
    return false;
  }
}
