package io.serin.cli.stack;

import io.serin.cli.stack.supervise.StackException;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the build left for running Serin: its class path, the registry, and the JVM in use.
 *
 * @param home folder of the build's output
 * @param java the executable that runs this process
 * @param classPath of Serin's processes
 * @param libraries the jars among it that are not Serin's own: all that the broker needs
 */
record Installation(Path home, Path java, List<Path> classPath, List<Path> libraries) {

  /**
   * Where this very class was loaded from tells the rest: {@code serin-cli.jar} beside {@code lib/}
   * and {@code registry/}, or a build's {@code target/classes}.
   *
   * @throws StackException if the registry is not there
   */
  static Installation locate() throws StackException {
    Path source = source();
    Path home = source.resolveSibling("");
    if (!Files.exists(home.resolve("registry/quarkus-run.jar"))) {
      throw new StackException(
          "the schema registry is not in "
              + home.resolve("registry")
              + ": build it with ./mvnw -Dquick -DskipTests package");
    }
    boolean built = !Files.isDirectory(source);
    return new Installation(
        home,
        Path.of(System.getProperty("java.home"), "bin", "java"),
        built ? List.of(source) : ownClassPath(),
        (built ? jars(home.resolve("lib")) : ownClassPath())
            .stream().filter(Installation::library).toList());
  }

  Path registry() {
    return home.resolve("registry");
  }

  static List<Path> jars(Path folder) throws StackException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new StackException(
          folder + " cannot be read (" + e + "): build again with ./mvnw -Dquick package", e);
    }
  }

  private static boolean library(Path entry) {
    String name = String.valueOf(entry.getFileName());
    return name.endsWith(".jar") && !name.startsWith("serin-");
  }

  private static Path source() {
    try {
      return Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> ownClassPath() {
    List<Path> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        entries.add(Path.of(entry).toAbsolutePath());
      }
    }
    return List.copyOf(entries);
  }
}
