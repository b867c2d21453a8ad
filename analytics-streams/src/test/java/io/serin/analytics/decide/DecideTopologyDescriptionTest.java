package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.analytics.streams.Faults;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The topology's description is kept: a change of it renames stores or internal topics, which loses
 * their state on an update. To accept one: {@code -Dserin.golden=write}.
 */
class DecideTopologyDescriptionTest {
  private static final String GOLDEN = "decide-topology.txt";

  @Test
  void shouldStayAsItIsKept() throws IOException {
    String now =
        new DecideTopology(
                KafkaConnection.of("none:9092", "mock://golden"),
                new Faults(new SimpleMeterRegistry()))
            .build()
            .describe()
            .toString();
    if ("write".equals(System.getProperty("serin.golden"))) {
      Files.writeString(Path.of("src/test/resources/io/serin/analytics/decide", GOLDEN), now);
      return;
    }
    try (InputStream kept = getClass().getResourceAsStream(GOLDEN)) {
      assertThat(kept).as(GOLDEN).isNotNull();
      assertThat(now).isEqualTo(new String(kept.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
