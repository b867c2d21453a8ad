package io.serin.cli.stack;

import io.serin.cli.stack.supervise.StackException;
import java.io.File;
import java.io.IOException;
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

  private static final List<String> ALWAYS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Installation installation;
  private final Path lock;
  private final List<Path> extraClassPath;
  private final StartCaches caches;
  private final Path childJar;

  /**
   * @param scratch a folder that can be written
   */
  ChildJvm(
      Installation installation, Path scratch, Path lock, List<Path> extraClassPath, CacheMode mode)
      throws StackException {
    this.installation = installation;
    this.lock = lock;
    this.extraClassPath = List.copyOf(extraClassPath);
    Path folder = installation.home().resolve("start-caches");
    this.caches = new StartCaches(folder, mode);
    this.childJar = childJar(folder, scratch);
  }

  StartCaches caches() {
    return caches;
  }

  /** A main class of Serin's class path. */
  List<String> serin(String kind, List<String> flags, String mainClass, List<String> arguments) {
    List<Path> classPath =
        Stream.concat(installation.classPath().stream(), extraClassPath.stream()).toList();
    return command(kind, logging(flags), List.of(), classPath, mainClass, arguments);
  }

  /** A main class of Serin's that needs libraries only, as {@link BrokerMain} does. */
  List<String> libraries(
      String kind, List<String> flags, String mainClass, List<String> arguments) {
    List<Path> classPath =
        Stream.concat(Stream.of(childJar), installation.libraries().stream()).toList();
    return command(kind, logging(flags), List.of(), classPath, mainClass, arguments);
  }

  /** A main class of a class path that has nothing to do with Serin's. */
  List<String> foreign(
      String kind, List<String> flags, List<String> properties, List<Path> jars, String mainClass) {
    List<Path> classPath = Stream.concat(Stream.of(childJar), jars.stream()).toList();
    return command(kind, flags, properties, classPath, mainClass, List.of());
  }

  private static List<String> logging(List<String> flags) {
    List<String> all = new ArrayList<>(flags);
    all.add("-Dlogback.configurationFile=serin-service-logback.xml");
    // Kafka brings Log4j's API without an implementation, and says so in each log.
    all.add("-Dorg.apache.logging.log4j.simplelog.StatusLogger.level=OFF");
    return all;
  }

  private List<String> command(
      String kind,
      List<String> flags,
      List<String> properties,
      List<Path> classPath,
      String mainClass,
      List<String> arguments) {
    List<String> jvm = Stream.concat(ALWAYS.stream(), flags.stream()).toList();
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "serin"));
    command.add(installation.java().toString());
    command.addAll(jvm);
    command.addAll(caches.flags(kind, jvm, classPath));
    command.addAll(properties);
    command.add("-D" + Tether.LOCK + "=" + lock);
    command.add("-cp");
    command.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add(Tether.class.getName());
    command.add(mainClass);
    command.addAll(arguments);
    return List.copyOf(command);
  }

  private static Path childJar(Path folder, Path scratch) throws StackException {
    try {
      return ChildJar.in(folder);
    } catch (IOException e) {
      try {
        return ChildJar.in(scratch); // an installation that cannot be written has no caches
      } catch (IOException again) {
        throw new StackException(scratch + " cannot be written (" + again + ")", again);
      }
    }
  }
}
