package io.serin.cli.stack;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * What the build left for running Serin: its class path, the registry, and the JVM in use.
 *
 * @param java the executable that runs this process
 * @param classPath of Serin's processes
 * @param registry the unpacked registry's folder
 * @param tether class path entry that holds {@link Tether} and nothing else
 */
record Installation(Path java, List<Path> classPath, Path registry, Path tether) {

  /**
   * Where this very class was loaded from tells the rest: {@code serin-cli.jar} beside {@code lib/}
   * and {@code registry/}, or a build's {@code target/classes}.
   *
   * @param scratch folder for what the build did not leave
   * @throws StackException if the registry is not there
   */
  static Installation locate(Path scratch) throws StackException {
    Path source = source();
    Path home = source.toAbsolutePath().getParent();
    Path registry = home == null ? source : home.resolve("registry");
    if (!Files.exists(registry.resolve("quarkus-run.jar"))) {
      throw new StackException(
          "the schema registry is not at "
              + registry
              + ": build it with ./mvnw -Dquick -DskipTests package");
    }
    return new Installation(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        Files.isDirectory(source) ? ownClassPath() : List.of(source),
        registry,
        tether(source, scratch));
  }

  private static Path source() {
    try {
      return Path.of(
          Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI());
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
    return entries;
  }

  private static Path tether(Path source, Path scratch) {
    Path built = source.resolveSibling("serin-cli-tether.jar");
    if (Files.exists(built)) {
      return built;
    }
    String entry = Tether.class.getName().replace('.', '/') + ".class";
    Path made = scratch.resolve("tether.jar");
    try (InputStream in = Tether.class.getResourceAsStream("/" + entry);
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(made))) {
      if (in == null) {
        throw new IllegalStateException(entry + " is not on the class path");
      }
      out.putNextEntry(new JarEntry(entry));
      in.transferTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return made;
  }
}
