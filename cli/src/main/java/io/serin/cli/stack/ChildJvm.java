package io.serin.cli.stack;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the command lines of child JVMs. Ctrl-C reaches every process of a terminal; children do
 * not hear it, so that the stack ends them in its own order.
 */
final class ChildJvm {

  /** For processes whose start matters more than their throughput. */
  static final List<String> SMALL_AND_QUICK =
      List.of("-Xmx192m", "-Xss512k", "-XX:TieredStopAtLevel=1");

  private static final List<String> ALWAYS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          // Kafka brings Log4j's API without an implementation, and says so in each log.
          "-Dorg.apache.logging.log4j.simplelog.StatusLogger.level=OFF");

  private final Installation installation;
  private final Path lock;
  private final List<Path> extraClassPath;

  ChildJvm(Installation installation, Path lock, List<Path> extraClassPath) {
    this.installation = installation;
    this.lock = lock;
    this.extraClassPath = List.copyOf(extraClassPath);
  }

  /** The class path entry that holds {@link Tether} and nothing else. */
  Path tether() {
    return installation.tether();
  }

  /** A main class of Serin's class path. */
  List<String> command(List<String> flags, String mainClass, List<String> arguments) {
    List<Path> classPath =
        Stream.concat(installation.classPath().stream(), extraClassPath.stream()).toList();
    List<String> all = new ArrayList<>(flags);
    all.add("-Dlogback.configurationFile=serin-service-logback.xml");
    return isolated(all, classPath, mainClass, arguments);
  }

  /** A main class of any class path; {@link Tether} must be on it. */
  List<String> isolated(
      List<String> flags, List<Path> classPath, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "serin"));
    command.add(installation.java().toString());
    command.addAll(ALWAYS);
    command.addAll(flags);
    command.add("-D" + Tether.LOCK + "=" + lock);
    command.add("-cp");
    command.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add(Tether.class.getName());
    command.add(mainClass);
    command.addAll(arguments);
    return List.copyOf(command);
  }
}
