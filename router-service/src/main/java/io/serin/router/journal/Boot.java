package io.serin.router.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells one boot of the operating system from another. */
final class Boot {

  private static final Path LINUX = Path.of("/proc/sys/kernel/random/boot_id");

  private Boot() {}

  /** The id of this boot; empty where the system tells none. */
  static String current() {
    try {
      return Files.readString(LINUX, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
