package io.serin.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
class SmallPartsTest {

  @TempDir Path temp;

  @Test
  void shouldReadReadyLines() {
    assertThat(ReadyLine.serin("serin-ready {\"service\":\"router\",\"url\":\"http://h:1\"}"))
        .hasValueSatisfying(said -> assertThat(said).containsEntry("url", "http://h:1"));
    assertThat(ReadyLine.serin("serin-ready {")).isEmpty();
    assertThat(ReadyLine.serin("serin is ready")).isEmpty();
    assertThat(ReadyLine.kafka("[KafkaRaftServer nodeId=1] Kafka Server started")).isPresent();
    assertThat(
            ReadyLine.quarkus(
                "app 3.3.3 on JVM started in 4.788s. Listening on: http://127.0.0.1:18081."
                    + " Management interface listening on http://127.0.0.1:19081."))
        .hasValueSatisfying(
            said -> assertThat(said).containsEntry("url", "http://127.0.0.1:18081"));
  }

  @Test
  void shouldNameTheOptionOfAPortThatCannotBe() {
    assertThatThrownBy(() -> new Ports(0, 0, 70_000, 0, 0, 0))
        .hasMessage("--port is 70000: it must be from 0 to 65535");
    assertThatThrownBy(() -> StackOptions.in(temp).routers(0).build())
        .hasMessage("--routers is 0: it must be from 1 to 16");
  }

  @Test
  void shouldUseACacheOnlyForTheClassPathItWasMadeFor() throws Exception {
    Path jar = Files.writeString(temp.resolve("a.jar"), "1");
    StartCaches caches = new StartCaches(temp, CacheMode.USE);
    String file =
        new StartCaches(temp, CacheMode.RECORD)
            .flags("broker", List.of("-Xmx1g"), List.of(jar))
            .getLast()
            .replace("-XX:AOTConfiguration=", "")
            .replace(".observed", "");

    assertThat(caches.flags("broker", List.of("-Xmx1g"), List.of(jar))).isEmpty();
    assertThat(caches.missing()).isTrue();
    Files.createFile(Path.of(file));
    assertThat(caches.flags("broker", List.of("-Xmx1g"), List.of(jar)))
        .contains("-XX:AOTCache=" + file);
    assertThat(caches.flags("broker", List.of("-Xmx2g"), List.of(jar))).isEmpty();
    Files.writeString(jar, "changed");
    assertThat(caches.flags("broker", List.of("-Xmx1g"), List.of(jar))).isEmpty();
    assertThat(caches.flags("broker", List.of(), List.of(temp)))
        .as("the JVM caches no folders")
        .isEmpty();
  }
}
