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
   * @param standardOutput what a program would read
   * @param standardError what it told besides
   */
  record Run(int exit, String standardOutput, String standardError) {

    /** Both, one after the other. */
    String output() {
      return standardError + standardOutput;
    }
  }

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
    return runAll(boundSeconds, List.of(List.of(arguments))).getFirst();
  }

  /** Runs several at once. */
  static List<Run> runAll(long boundSeconds, List<List<String>> commands) throws Exception {
    List<Running> all = new ArrayList<>();
    for (List<String> arguments : commands) {
      all.add(Running.begin(arguments));
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(boundSeconds);
    List<Run> runs = new ArrayList<>();
    for (Running running : all) {
      runs.add(running.end(deadline, boundSeconds));
    }
    return runs;
  }

  private record Running(List<String> arguments, Process process, Path output, Path errors) {

    static Running begin(List<String> arguments) throws IOException {
      Path output = Files.createTempFile("serin-it", ".out");
      Path errors = Files.createTempFile("serin-it", ".err");
      Process process =
          new ProcessBuilder(command(arguments))
              .redirectError(errors.toFile())
              .redirectOutput(output.toFile())
              .start();
      return new Running(arguments, process, output, errors);
    }

    Run end(long deadline, long boundSeconds) throws Exception {
      boolean ended = process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (!ended) {
        process.destroy();
        process.waitFor(30, TimeUnit.SECONDS);
      }
      String text = Files.readString(output, StandardCharsets.UTF_8);
      String told = Files.readString(errors, StandardCharsets.UTF_8);
      Files.delete(output);
      Files.delete(errors);
      System.out.println("$ serin " + String.join(" ", arguments) + "\n" + told + text);
      if (!ended) {
        throw new AssertionError("serin did not end within " + boundSeconds + " s");
      }
      return new Run(process.exitValue(), text, told);
    }
  }

  /** The recorded data of others; a test that needs it is skipped where it is not. */
  static Path data(String file) {
    String folder = System.getProperty("serin.data", "../../shared/data");
    Path path = Path.of(folder).resolve(file);
    Peers.need(Files.exists(path), path + " is not there (set -Dserin.data=FOLDER)");
    return path.toAbsolutePath().normalize();
  }
}
