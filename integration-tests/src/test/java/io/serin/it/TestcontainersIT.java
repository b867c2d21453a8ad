package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.cli.stack.Part;
import io.serin.schemas.connect.KafkaConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/**
 * The same loop on a broker and registry that a user already runs: Testcontainers', where Docker is
 * present.
 */
class TestcontainersIT {

  @Test
  void shouldCloseTheLoopOnABrokerOfTheUsersOwn(@TempDir Path data) throws Exception {
    Peers.need(DockerClientFactory.instance().isDockerAvailable(), "no Docker engine answers");
    try (KafkaContainer broker = new KafkaContainer(DockerImageName.parse("apache/kafka:4.1.1"));
        GenericContainer<?> registry = registry()) {
      Startables.deepStart(broker, registry).join();
      KafkaConnection kafka =
          KafkaConnection.of(
              broker.getBootstrapServers().replaceFirst("^.*://", ""),
              "http://%s:%d/apis/ccompat/v7"
                  .formatted(registry.getHost(), registry.getMappedPort(8080)));

      shouldCountEachRequestOnce(kafka, data);
    }
  }

  private static void shouldCountEachRequestOnce(KafkaConnection kafka, Path data)
      throws Exception {
    Set<Part> services = EnumSet.of(Part.ROUTER, Part.WORKER, Part.ANALYTICS);
    try (Loop loop = Loop.start(data, b -> b.parts(services).kafka(kafka))) {
      loop.apply(Loop.rollout(loop, "50%"));
      for (int i = 0; i < 20; i++) {
        assertThat(loop.chat("Name a primary colour.", "user-" + i).statusCode()).isEqualTo(200);
      }

      Map<String, Integer> times =
          Counts.settled(loop.stack().kafka(), Loop.ROLLOUT, loop.probes() + 20);
      assertThat(times.values()).containsOnly(1);
    }
  }

  private static GenericContainer<?> registry() {
    return new GenericContainer<>(DockerImageName.parse("apicurio/apicurio-registry:3.3.3"))
        .withExposedPorts(8080)
        .waitingFor(
            Wait.forHttp("/apis/ccompat/v7/subjects").withStartupTimeout(Duration.ofMinutes(2)));
  }
}
