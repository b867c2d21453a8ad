package io.serin.it;

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
    Files.createDirectories(HOME);
    try (Stream<Path> files = Files.list(Path.of("src", "test", "node"))) {
      for (Path file : files.toList()) {
        Files.copy(file, HOME.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Process npm =
        new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts")
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(HOME.resolve("npm.log").toFile())
            .start();
    boolean ended = npm.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      npm.destroyForcibly();
    }
    Peers.need(ended && npm.exitValue() == 0, "npm install failed, see target/node/npm.log");
    installed = true;
  }

  /** A file of the installed packages. */
  static Path file(String path) {
    return HOME.resolve(path).toAbsolutePath();
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
