package io.serin.schemas.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class KafkaOptionsTest {

  @Command
  private static final class Some {
    @Mixin KafkaOptions kafka = new KafkaOptions();
  }

  @Test
  void shouldReachALocalBrokerByDefault() {
    KafkaConnection connection = parsed();

    assertThat(connection.bootstrap()).isEqualTo("127.0.0.1:9092");
    assertThat(connection.partitions()).isEqualTo(KafkaConnection.DEFAULT_PARTITIONS);
  }

  @Test
  void shouldPassSecuritySettingsToTheClientTheyAreFor(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("client.properties");
    Files.writeString(
        file, "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nbasic.auth.user.info=a:b\n");

    KafkaConnection connection =
        parsed("--kafka-config", file.toString(), "-X", "sasl.mechanism=SCRAM-SHA-512");

    assertThat(connection.clientConfig())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
        .doesNotContainKey("basic.auth.user.info");
    assertThat(connection.serdeConfig()).containsEntry("basic.auth.user.info", "a:b");
    assertThat(connection.toString()).doesNotContain("a:b", "SCRAM");
  }

  @Test
  void shouldGiveAChildProcessTheSameConnection() {
    Some some = new Some();
    new CommandLine(some)
        .parseArgs(
            "--kafka",
            "a:1,b:2",
            "-X",
            "ssl.endpoint.identification.algorithm=",
            "--unit-partitions",
            "7");

    assertThat(parsed(some.kafka.arguments().toArray(String[]::new)))
        .isEqualTo(some.kafka.connection());
  }

  @Test
  void shouldNameTheOptionTheValueAndTheRule() {
    assertThatThrownBy(() -> parsed("--kafka", "localhost"))
        .isInstanceOf(ParameterException.class)
        .hasMessage("--kafka is \"localhost\": each broker must be HOST:PORT");
    assertThatThrownBy(() -> parsed("--registry", "localhost:8081"))
        .hasMessageContaining("--registry is \"localhost:8081\"");
    assertThatThrownBy(() -> parsed("--unit-partitions", "0"))
        .hasMessageContaining("unit-partitions is 0");
    assertThatThrownBy(() -> parsed("--kafka-config", "/nowhere"))
        .hasMessageContaining("--kafka-config is \"/nowhere\"");
  }

  @Test
  void shouldNameASerializerThatIsNotThere() {
    KafkaConnection connection = parsed("--serializer", "io.confluent.Missing");

    assertThatThrownBy(connection::serializer)
        .hasMessageContaining("serializer is \"io.confluent.Missing\"");
  }

  private static KafkaConnection parsed(String... arguments) {
    Some some = new Some();
    new CommandLine(some).parseArgs(arguments);
    return some.kafka.connection();
  }
}
