package io.serin.cli.stack;

import io.serin.cli.stack.supervise.ProcessPlan;
import io.serin.cli.stack.supervise.StackException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
        jvm.foreign(
            "registry",
            StackPlan.SMALL,
            properties(folder.path().resolve("registry"), port, managementPort),
            classPath(registry),
            "io.quarkus.runner.GeneratedMain");
    return new ProcessPlan(
        "registry", said -> command, Map.of(), folder.log("registry"), ReadyLine::quarkus);
  }

  /**
   * All of the application's jars, flat. Its own launcher loads classes through a loader of its
   * own, which no start-up cache can serve: flat, it starts in half the time.
   */
  private static List<Path> classPath(Path registry) throws StackException {
    List<Path> jars = new ArrayList<>();
    jars.add(registry.resolve("quarkus/transformed-bytecode.jar"));
    jars.add(registry.resolve("quarkus/generated-bytecode.jar"));
    for (String folder : List.of("app", "lib/boot", "lib/main")) {
      jars.addAll(Installation.jars(registry.resolve(folder)));
    }
    return jars;
  }

  private static List<String> properties(Path data, int port, int managementPort) {
    return List.of(
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
