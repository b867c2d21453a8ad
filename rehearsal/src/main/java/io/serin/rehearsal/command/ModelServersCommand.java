package io.serin.rehearsal.command;

import io.serin.rehearsal.model.ModelServers;
import io.serin.schemas.connect.EnvironmentDefaults;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the two model servers of a rehearsal as one process. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    defaultValueProvider = EnvironmentDefaults.class,
    description = "Two model servers that answer as recorded, for trying Serin without a model.",
    footer = {
      "",
      "Example:",
      "  serin models --candidate answers.jsonl.gz --fault candidate:errors=30%%@20s",
      "",
      "The times of faults count from the first request, or from POST /admin/arm on either server.",
      "GET /admin/stats shows what was answered."
    })
public final class ModelServersCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--control-port",
      paramLabel = "PORT",
      description =
          "Where control listens; 0 lets the system choose (SERIN_CONTROL_PORT; default"
              + " ${DEFAULT-VALUE}).")
  private int controlPort = 8101;

  @Option(
      names = "--candidate-port",
      paramLabel = "PORT",
      description =
          "Where the candidate listens; 0 lets the system choose (SERIN_CANDIDATE_PORT; default"
              + " ${DEFAULT-VALUE}).")
  private int candidatePort = 8102;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "The address they listen on (SERIN_MODELS_HOST; default ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Mixin private ModelOptions models = new ModelOptions();

  /** As a program of its own. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ModelServersCommand()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    try (ModelServers servers = start()) {
      System.out.println(ready(servers.urls().get("control"), servers.urls().get("candidate")));
      System.out.flush();
      CountDownLatch stopped = new CountDownLatch(1);
      Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "stop"));
      stopped.await();
    }
    return 0;
  }

  private ModelServers start() {
    try {
      return ModelServers.start(
          host,
          List.of(variant("control", controlPort), variant("candidate", candidatePort)),
          models.faults(),
          true,
          InstantSource.system());
    } catch (IllegalArgumentException | IOException e) {
      CommandSpec known = spec;
      String message = String.valueOf(e.getMessage());
      if (known == null) {
        throw new IllegalArgumentException(message, e);
      }
      throw new ParameterException(known.commandLine(), message, e);
    }
  }

  private ModelServers.Variant variant(String name, int port) throws IOException {
    return new ModelServers.Variant(models.settings(name), models.recorded(name), port);
  }

  static String ready(@Nullable URI control, @Nullable URI candidate) {
    return "serin-ready {\"service\":\"models\",\"url\":\"%s\",\"candidateUrl\":\"%s\"}"
        .formatted(control, candidate);
  }
}
