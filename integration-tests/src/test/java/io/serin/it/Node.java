package io.serin.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of src/test/node, run with the packages they name, as npm installs them. */
final class Node {

  private static final Path HOME = Path.of("target", "node");
  private static boolean installed;

  private Node() {}

  /** Skips the test, with the reason, where node or the npm registry is missing. */
  static synchronized void assumeInstalled() throws Exception {
    if (installed) {
      return;
    }
    Peers.needProgram("node", "--version");
    Peers.needProgram("npm", "--version");
    install(Path.of("src", "test", "node"), HOME);
    installed = true;
  }

  /**
   * Installs the packages that a folder's package.json names into another folder, and copies the
   * folder's files there; skips the test, with the reason, where that cannot be done.
   */
  static void install(Path from, Path home) throws Exception {
    Files.createDirectories(home);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, home.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path log = home.resolve("npm.log");
    Process npm =
        new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts")
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = npm.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      npm.destroyForcibly();
    }
    Peers.need(ended && npm.exitValue() == 0, "npm install failed, see " + log);
  }

  /** Starts a program; its standard input and output are the caller's. */
  static Process start(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("node", program));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(HOME.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Runs a program to its end and returns its standard output. */
  static List<String> run(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", program));
    command.addAll(List.of(arguments));
    return Program.run(HOME, command);
  }

  /** A program that is run to its end. */
  static final class Program {
    private Program() {}

    static List<String> run(Path folder, List<String> command) throws Exception {
      Path errors = Files.createTempFile("serin-it", ".err");
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(errors.toFile())
              .start();
      String out;
      try (var in = process.getInputStream()) {
        out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      int exit = process.waitFor();
      if (exit != 0) {
        throw new AssertionError(
            command.get(0) + " ended with " + exit + ":\n" + out + Files.readString(errors));
      }
      Files.delete(errors);
      return out.lines().toList();
    }
  }
}
