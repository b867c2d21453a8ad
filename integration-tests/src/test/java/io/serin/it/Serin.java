package io.serin.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The serin command, as a process of its own. */
final class Serin {

  private static final Path JAR = Path.of("..", "cli", "target", "serin-cli.jar");

  private Serin() {}

  /**
   * What a run of the command gave.
   *
   * @param exit its exit code
   * @param output standard output and error, as a terminal would show them
   */
  record Run(int exit, String output) {}

  /** Starts a command; its standard output is the caller's to read. */
  static Process start(List<String> arguments) throws IOException {
    return new ProcessBuilder(command(arguments))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<String> command(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                JAR.toAbsolutePath().normalize().toString()));
    command.addAll(arguments);
    return command;
  }

  /** Runs a command to its end, within a bound; its output goes to the console too. */
  static Run run(long boundSeconds, String... arguments) throws Exception {
    List<String> command = command(List.of(arguments));
    Path output = Files.createTempFile("serin-it", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(boundSeconds, TimeUnit.SECONDS);
    if (!ended) {
      process.destroy();
      process.waitFor(30, TimeUnit.SECONDS);
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);
    Files.delete(output);
    System.out.println("$ serin " + String.join(" ", arguments) + "\n" + text);
    if (!ended) {
      throw new AssertionError("serin did not end within " + boundSeconds + " s");
    }
    return new Run(process.exitValue(), text);
  }

  /** The recorded data of others; a test that needs it is skipped where it is not. */
  static Path data(String file) {
    String folder = System.getProperty("serin.data", "../../shared/data");
    Path path = Path.of(folder).resolve(file);
    Peers.need(Files.exists(path), path + " is not there (set -Dserin.data=FOLDER)");
    return path.toAbsolutePath().normalize();
  }
}
