package io.serin.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How the embedded registry, Apicurio, is run: on the loopback address only, its schemas in an H2
 * file that is written before a registration is answered. docs/decisions/0003-registry-storage.md
 * says why an id is never given to another schema.
 */
final class RegistryPlan {

  private RegistryPlan() {}

  static ProcessPlan of(
      ChildJvm jvm, Path registry, DataFolder folder, int port, int managementPort)
      throws StackException {
    List<String> command =
        jvm.isolated(
            flags(folder.path().resolve("registry"), port, managementPort),
            classPath(jvm.tether(), registry),
            "io.quarkus.runner.GeneratedMain",
            List.of());
    return new ProcessPlan(
        "registry", said -> command, Map.of(), folder.log("registry"), ReadyLine::quarkus);
  }

  /**
   * All of the application's jars, flat. Its own launcher loads classes through a loader of its own,
   * which no start-up cache can serve: flat, it starts in half the time.
   */
  private static List<Path> classPath(Path tether, Path registry) throws StackException {
    List<Path> jars = new ArrayList<>();
    jars.add(tether);
    jars.add(registry.resolve("quarkus/transformed-bytecode.jar"));
    jars.add(registry.resolve("quarkus/generated-bytecode.jar"));
    for (String folder : List.of("app", "lib/boot", "lib/main")) {
      try (Stream<Path> files = Files.list(registry.resolve(folder))) {
        files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jars::add);
      } catch (IOException e) {
        throw new StackException(
            "the schema registry at " + registry + " is not whole (" + e + "): delete it and build",
            e);
      }
    }
    return jars;
  }

  private static List<String> flags(Path data, int port, int managementPort) {
    return List.of(
        "-Xmx192m",
        "-Xss512k",
        "-XX:TieredStopAtLevel=1",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + port,
        "-Dquarkus.management.host=127.0.0.1",
        "-Dquarkus.management.port=" + managementPort,
        "-Dquarkus.http.access-log.enabled=false",
        "-Dquarkus.log.console.format=%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p [%c{2.}] %s%e%n",
        "-Dapicurio.rules.global.compatibility=BACKWARD",
        // Committed means written: without this H2 answers up to half a second earlier.
        "-Dapicurio.datasource.url=jdbc:h2:file:" + data.resolve("schemas") + ";WRITE_DELAY=0",
        // Ids go on from the highest that is stored: what was stored must never be deleted.
        "-Dapicurio.storage.orphan-cleanup.every=off",
        "-Dapicurio.datasource.jdbc.initial-size=1",
        "-Dapicurio.datasource.jdbc.min-size=1",
        "-Dapicurio.datasource.jdbc.max-size=8");
  }
}
