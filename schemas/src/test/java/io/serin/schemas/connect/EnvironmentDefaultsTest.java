package io.serin.schemas.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class EnvironmentDefaultsTest {

  @Command(name = "serve")
  static final class Serve implements Runnable {
    @Option(
        names = "--port",
        description = "Its port; 0 is chosen (SERIN_SERVE_PORT; default ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(names = "--quiet", description = "Says nothing (SERIN_SERVE_QUIET).")
    private boolean quiet;

    @Option(
        names = "--data",
        description = {"Its folder", "(SERIN_SERVE_DATA; default: none)."})
    private @Nullable Path data;

    @Override
    public void run() {}
  }

  @Test
  void shouldTakeTheVariableThatTheHelpNames() {
    Serve serve =
        parse(
            Map.of("SERIN_SERVE_PORT", "9", "SERIN_SERVE_QUIET", "true", "SERIN_SERVE_DATA", "d"));

    assertThat(serve.port).isEqualTo(9);
    assertThat(serve.quiet).isTrue();
    assertThat(serve.data).isEqualTo(Path.of("d"));
  }

  @Test
  void shouldPreferTheOptionToTheVariable() {
    assertThat(parse(Map.of("SERIN_SERVE_PORT", "9"), "--port", "7").port).isEqualTo(7);
  }

  @Test
  void shouldKeepTheFieldsOwnValueAndShowIt() {
    Serve serve = parse(Map.of());

    assertThat(serve.port).isEqualTo(8080);
    assertThat(serve.quiet).isFalse();
    assertThat(serve.data).isNull();
    assertThat(line(serve, Map.of()).getUsageMessage()).contains("default 8080)");
  }

  @Test
  void shouldReadTheVariablesOfTheKafkaOptions() {
    KafkaOptions kafka = new KafkaOptions();
    new CommandLine(kafka)
        .setDefaultValueProvider(
            new EnvironmentDefaults(
                Map.of("SERIN_KAFKA", "broker:1", "SERIN_UNIT_PARTITIONS", "12")))
        .parseArgs();

    assertThat(kafka.connection().bootstrap()).isEqualTo("broker:1");
    assertThat(kafka.connection().partitions().unit()).isEqualTo(12);
    assertThat(kafka.connection().partitions().rollout()).isEqualTo(2);
  }

  private static Serve parse(Map<String, String> environment, String... arguments) {
    Serve serve = new Serve();
    line(serve, environment).parseArgs(arguments);
    return serve;
  }

  private static CommandLine line(Serve serve, Map<String, String> environment) {
    return new CommandLine(serve).setDefaultValueProvider(new EnvironmentDefaults(environment));
  }
}
