package io.serin.worker;

import io.serin.schemas.connect.EnvironmentDefaults;
import io.serin.schemas.connect.KafkaOptions;
import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code serin worker}: runs a shadow worker until it is told to stop. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    defaultValueProvider = EnvironmentDefaults.class,
    description = "Replays captured requests against the candidates, offline, within their budget.",
    footer = {
      "",
      "Example:",
      "  serin worker --name worker-2 --kafka broker:9092 --registry http://registry:8081",
      "",
      "Scale by starting more workers, each under a --name of its own."
    })
public final class WorkerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "This worker's name: fixed over restarts, unique among workers (SERIN_WORKER_NAME;"
              + " default ${DEFAULT-VALUE}).")
  private String name = "worker-1";

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Where to listen (SERIN_WORKER_HOST; default ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Port of health and metrics; 0 for one that the system chooses (SERIN_WORKER_PORT;"
              + " default ${DEFAULT-VALUE}).")
  private int port = 8091;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description =
          "Who may read /metrics: one a line, ROLE NAME TOKEN, the role viewer or operator; /health"
              + " needs none. Read again when it changes (SERIN_WORKER_TOKENS; default: everyone).")
  private @Nullable Path tokens;

  @Option(
      names = "--max-pending",
      paramLabel = "N",
      description =
          "Captured requests of a rollout taken on and not finished, 1 to 250"
              + " (SERIN_WORKER_MAX_PENDING; default ${DEFAULT-VALUE}).")
  private int maxPending = 200;

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description =
          "Attempts of one model, the first included, before a 429, a 5xx or a lost connection is"
              + " final (SERIN_WORKER_ATTEMPTS; default ${DEFAULT-VALUE}).")
  private int attempts = 3;

  /** Runs by itself. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WorkerCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    try (ShadowWorker worker = worker()) {
      try {
        worker.start();
      } catch (BindException e) {
        throw new ParameterException(
            spec.commandLine(), "--port is " + port + ": it is taken on " + host);
      }
      Thread stop = Thread.ofPlatform().unstarted(worker::close);
      Runtime.getRuntime().addShutdownHook(stop);
      if (worker.awaitReady()) {
        announce(worker);
      }
      String failure = worker.await();
      if (failure != null) {
        spec.commandLine().getErr().println(failure);
        return 1;
      }
      return 0;
    }
  }

  private ShadowWorker worker() {
    try {
      return new ShadowWorker(
          kafka.connection(),
          new ShadowWorker.Settings(name, host, port, maxPending, attempts, readers()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage());
    }
  }

  private @Nullable KeyFile<Operator> readers() {
    Path file = tokens;
    // An environment variable that is empty says nothing.
    return file == null || file.toString().isBlank() ? null : Operator.tokens("tokens", file);
  }

  /** Tells whoever started this where it answers. */
  private void announce(ShadowWorker worker) {
    String url = "http://" + host + ":" + worker.port();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "serin-ready {\"service\":\"worker\",\"url\":\""
            + url
            + "\",\"adminUrl\":\""
            + url
            + "\"}");
    out.flush();
  }
}
