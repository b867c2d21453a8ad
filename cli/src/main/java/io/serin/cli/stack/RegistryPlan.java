package io.serin.cli.stack;

import java.nio.file.Path;
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
      ChildJvm jvm, Path registry, DataFolder folder, int port, int managementPort) {
    List<String> command =
        jvm.isolated(
            flags(folder.path().resolve("registry"), port, managementPort),
            List.of(jvm.tether(), registry.resolve("quarkus-run.jar")),
            "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
            List.of());
    return new ProcessPlan(
        "registry", said -> command, Map.of(), folder.log("registry"), ReadyLine::quarkus);
  }

  private static List<String> flags(Path data, int port, int managementPort) {
    return List.of(
        "-Xmx192m",
        "-Xss512k",
        "-XX:TieredStopAtLevel=1",
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
