package io.serin.cli.up;

import io.serin.cli.stack.Companion;
import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.StackOptions;
import io.serin.schemas.connect.KafkaOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of {@code serin up}. */
final class UpOptions {

  static final String MODELS = "models";

  @Option(
      names = "--rollout",
      paramLabel = "FILE",
      description =
          "A rollout file to apply, unless it was applied before; may be given several times."
              + " Without it, a demonstration runs.")
  private List<Path> rollouts = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      defaultValue = "${env:SERIN_DATA:-${sys:serin.home:-.}/.serin}",
      description =
          "Keeps everything: topics, schemas, journals, state, logs (SERIN_DATA; default"
              + " ${DEFAULT-VALUE}).")
  private Path data = Path.of(".serin");

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "The address that router, worker and control API listen on (default ${DEFAULT-VALUE})."
              + " Where other machines can call it, the control API wants"
              + " SERIN_ANALYTICS_TOKENS=FILE or SERIN_ANALYTICS_WITHOUT_TOKENS=true. Broker and"
              + " registry listen on 127.0.0.1 always.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Where the router takes requests (default ${DEFAULT-VALUE}). For this and all ports: 0"
              + " lets the system choose.")
  private int port = 8080;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description = "The router's health and metrics (default ${DEFAULT-VALUE}).")
  private int adminPort = 8079;

  @Option(
      names = "--control-port",
      paramLabel = "PORT",
      description =
          "The control API, with analytics' health and metrics (default ${DEFAULT-VALUE}).")
  private int controlPort = 8090;

  @Option(
      names = "--worker-port",
      paramLabel = "PORT",
      description = "The worker's health and metrics (default ${DEFAULT-VALUE}).")
  private int workerPort = 8091;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "The embedded broker (default ${DEFAULT-VALUE}).")
  private int kafkaPort = 9092;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      description = "The embedded schema registry (default ${DEFAULT-VALUE}).")
  private int registryPort = 8081;

  @Option(
      names = "--model-port",
      paramLabel = "PORT",
      description =
          "The demonstration's control model; its candidate takes the next port (default"
              + " ${DEFAULT-VALUE}).")
  private int modelPort = 8101;

  @Option(
      names = "--routers",
      paramLabel = "N",
      description =
          "How many routers, 1 to 16. Each further one listens 100 above the last, its health and"
              + " metrics 1 below (default ${DEFAULT-VALUE}).")
  private int routers = 1;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  List<Path> rollouts() {
    return List.copyOf(rollouts);
  }

  /** Whether the model servers and the rollout of the demonstration run. */
  boolean demonstration() {
    return rollouts.isEmpty();
  }

  /**
   * What the options ask for.
   *
   * @throws ParameterException if one of them is wrong
   */
  StackOptions stack(CommandLine line) {
    try {
      StackOptions.Builder builder =
          StackOptions.in(data)
              .host(host)
              .ports(new Ports(kafkaPort, registryPort, port, adminPort, controlPort, workerPort))
              .routers(routers)
              .parts(parts(line))
              .kafka(kafka.connection());
      if (demonstration()) {
        builder.companion(
            new Companion(
                MODELS,
                "io.serin.rehearsal.command.ModelServersCommand",
                List.of(
                    "--control-port",
                    Integer.toString(modelPort),
                    "--candidate-port",
                    Integer.toString(modelPort == 0 ? 0 : modelPort + 1))));
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, e.getMessage());
    }
  }

  /** Broker and registry run unless others are named. */
  private static Set<Part> parts(CommandLine line) {
    Set<Part> parts = EnumSet.allOf(Part.class);
    if (given(line, "--kafka", "SERIN_KAFKA")) {
      parts.remove(Part.BROKER);
    }
    if (given(line, "--registry", "SERIN_REGISTRY")) {
      parts.remove(Part.REGISTRY);
    }
    return parts;
  }

  private static boolean given(CommandLine line, String option, String variable) {
    String value = System.getenv(variable);
    return line.getParseResult().hasMatchedOption(option) || (value != null && !value.isEmpty());
  }
}
