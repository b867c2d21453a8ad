package io.serin.analytics;

import io.serin.analytics.api.ControlServer;
import io.serin.analytics.api.Tokens;
import io.serin.schemas.connect.EnvironmentDefaults;
import io.serin.schemas.connect.KafkaOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Analytics as a command: {@code serin analytics}, or this class's own main. */
@Command(
    name = "analytics",
    mixinStandardHelpOptions = true,
    defaultValueProvider = EnvironmentDefaults.class,
    description =
        "Judges candidates, controls rollouts, measures variants; answers the control API.",
    footerHeading = "%nExample:%n",
    footer = {
      "  serin analytics --kafka localhost:9092 --registry http://localhost:8081 --data"
          + " /var/lib/serin",
      "  curl -H 'x-serin-who: ann' --data-binary @assistant.yaml http://localhost:8090/v1/rollouts"
    })
public final class AnalyticsCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--instance",
      paramLabel = "NAME",
      description =
          "This instance's name, the same after a restart and unique among instances"
              + " (SERIN_ANALYTICS_INSTANCE; default ${DEFAULT-VALUE}).")
  private String instance = "analytics-1";

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "Where the control API, health and metrics listen (SERIN_ANALYTICS_HOST; default"
              + " ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--host-names",
      paramLabel = "NAMES",
      split = ",",
      description =
          "Names with a dot under which the port is reached, separated by commas: without tokens,"
              + " requests with another Host header are refused, since a page can give a name of"
              + " its own this machine's address (SERIN_ANALYTICS_HOST_NAMES; default: none).")
  private List<String> hostNames = List.of();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Their port; 0 is chosen by the system (SERIN_ANALYTICS_PORT; default ${DEFAULT-VALUE}).")
  private int port = 8090;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = {
        "Who may call the control API: one a line, ROLE NAME TOKEN; the role is viewer or"
            + " operator.",
        "Read again when it changes (SERIN_ANALYTICS_TOKENS; default: no token is needed, and"
            + " only this machine is answered)."
      })
  private @Nullable Path tokens;

  @Option(
      names = "--without-tokens",
      description =
          "Answers other machines without tokens: anyone who reaches the port may roll out and back"
              + " (SERIN_ANALYTICS_WITHOUT_TOKENS).")
  private boolean withoutTokens;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "This instance's own folder: the state of both applications (SERIN_ANALYTICS_DATA;"
              + " default ${DEFAULT-VALUE}).")
  private Path data = Path.of(".serin/analytics");

  /** Runs by itself. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new AnalyticsCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    AnalyticsService service = service();
    Thread stop = Thread.ofPlatform().unstarted(service::close);
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      service.start();
    } catch (IllegalStateException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    if (service.awaitReady()) {
      announce(service);
    }
    boolean asked = service.await();
    if (!asked) {
      service.close();
    }
    return asked ? 0 : 1;
  }

  private AnalyticsService service() throws IOException {
    try {
      return new AnalyticsService(
          kafka.connection(), new AnalyticsService.Settings(instance, host, port, access(), data));
    } catch (BindException e) {
      throw wrong("--port is " + port + ": it is taken on " + host);
    } catch (IllegalArgumentException e) {
      throw wrong("--" + e.getMessage());
    }
  }

  private ControlServer.Access access() throws IOException {
    boolean local = InetAddress.getByName(host).isLoopbackAddress();
    Path file = tokens;
    if (file != null) {
      return new ControlServer.Access(Tokens.of(file), names());
    }
    if (!local && !withoutTokens) {
      throw wrong(
          "--host is "
              + host
              + ": where other machines can call the control API, --tokens FILE must say who may;"
              + " or give --without-tokens");
    }
    return new ControlServer.Access(Tokens.none(), names());
  }

  private Set<String> names() {
    Set<String> names = new HashSet<>(hostNames);
    names.add(host);
    names.remove("");
    return names;
  }

  /** Tells whoever started this where it answers. */
  private void announce(AnalyticsService service) {
    if (spec == null) {
      return;
    }
    String url = "http://" + host + ":" + service.port();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "serin-ready {\"service\":\"analytics\",\"url\":\""
            + url
            + "\",\"adminUrl\":\""
            + url
            + "\"}");
    out.flush();
  }

  private ParameterException wrong(String message) {
    if (spec == null) {
      throw new IllegalStateException(message);
    }
    return new ParameterException(spec.commandLine(), message);
  }
}
