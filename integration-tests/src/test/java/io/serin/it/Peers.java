package io.serin.it;

import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

/**
 * What some tests need beside a JDK: they are skipped where it is missing, and say so on the
 * console.
 */
final class Peers {

  private Peers() {}

  /** Skips the running test, with the reason on the console, unless what it needs is there. */
  static void need(boolean there, String otherwise) {
    if (!there) {
      System.out.println("SKIPPED: " + otherwise);
    }
    Assumptions.assumeTrue(there, otherwise);
  }

  /** Skips the running test unless a program answers. */
  static void needProgram(String program, String versionOption) throws InterruptedException {
    need(answers(program, versionOption), program + " is not on the PATH");
  }

  private static boolean answers(String program, String versionOption) throws InterruptedException {
    try {
      return new ProcessBuilder(program, versionOption)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
