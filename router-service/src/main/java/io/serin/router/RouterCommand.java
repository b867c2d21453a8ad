package io.serin.router;

import io.serin.router.exchange.ApiSettings;
import io.serin.router.exchange.ApiSettings.SenderLimits;
import io.serin.router.exchange.ProxySettings;
import io.serin.router.front.RouterServer;
import io.serin.schemas.connect.EnvironmentDefaults;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.connect.KafkaOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The router as a command: {@code serin router}, or this class's own main. */
@Command(
    name = "router",
    mixinStandardHelpOptions = true,
    defaultValueProvider = EnvironmentDefaults.class,
    description = "Splits live LLM traffic between variants and records what happened.",
    footerHeading = "%nExample:%n",
    footer = {
      "  serin router --kafka localhost:9092 --registry http://localhost:8081 --data"
          + " /var/lib/serin",
      "  curl http://localhost:8080/v1/chat/completions -H 'content-type: application/json' \\",
      "       -d"
          + " '{\"model\":\"assistant\",\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}'"
    })
public final class RouterCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Mixin private final ClientOptions clients = new ClientOptions();

  @Mixin private AccessOptions access = new AccessOptions();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "This router's name, one for each process (SERIN_ROUTER_NAME; default: the host's name).")
  private @Nullable String name;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Where to listen for clients (SERIN_ROUTER_HOST; default ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Port for clients; 0 is chosen by the system (SERIN_ROUTER_PORT; default"
              + " ${DEFAULT-VALUE}).")
  private int port = 8080;

  @Option(
      names = "--admin-host",
      paramLabel = "HOST",
      description =
          "Where to listen for health, metrics and force-control (SERIN_ROUTER_ADMIN_HOST; default:"
              + " --host).")
  private @Nullable String adminHost;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description =
          "Its port; 0 is chosen by the system (SERIN_ROUTER_ADMIN_PORT; default"
              + " ${DEFAULT-VALUE}).")
  private int adminPort = 8079;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "This router's own folder: journal, last commands, trips (SERIN_ROUTER_DATA; default"
              + " ${DEFAULT-VALUE}).")
  private Path data = Path.of(".serin/router");

  @Option(
      names = "--signing-key",
      paramLabel = "FILE",
      description =
          "Keys that sign request ids, one a line, base64url; the first signs, all verify. All"
              + " routers of a deployment share it (SERIN_SIGNING_KEY; default: DATA/signing-key,"
              + " made where it is missing).")
  private @Nullable Path signingKey;

  @Option(
      names = "--unit-salt",
      paramLabel = "FILE",
      description =
          "Salt that users' names are hashed with, base64url. All routers of a deployment share it"
              + " (SERIN_UNIT_SALT; default: DATA/unit-salt, made where it is missing).")
  private @Nullable Path unitSalt;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      description =
          "Event loops; 0 is one a core (SERIN_ROUTER_EVENT_LOOPS; default ${DEFAULT-VALUE}).")
  private int eventLoops;

  @Option(
      names = "--drain-seconds",
      paramLabel = "N",
      description =
          "How long requests under way may take to end on SIGTERM (SERIN_ROUTER_DRAIN_SECONDS;"
              + " default ${DEFAULT-VALUE}).")
  private int drainSeconds = 30;

  @Option(
      names = "--max-request-bytes",
      paramLabel = "N",
      description =
          "Largest request body, in bytes; larger ones get 413 (SERIN_ROUTER_MAX_REQUEST_BYTES;"
              + " default ${DEFAULT-VALUE}).")
  private int maxRequestBytes = ProxySettings.DEFAULT.maxRequestBytes();

  @Option(
      names = "--max-answer-bytes",
      paramLabel = "N",
      description =
          "Largest answer that is not streamed, in bytes (SERIN_ROUTER_MAX_ANSWER_BYTES; default"
              + " ${DEFAULT-VALUE}).")
  private int maxAnswerBytes = ProxySettings.DEFAULT.maxAnswerBytes();

  @Option(
      names = "--max-captured-bytes",
      paramLabel = "N",
      description =
          "Largest request or answer captured for shadowing, in bytes"
              + " (SERIN_ROUTER_MAX_CAPTURED_BYTES; default ${DEFAULT-VALUE}).")
  private int maxCapturedBytes = ProxySettings.DEFAULT.maxCapturedBytes();

  @Option(
      names = "--max-waiting-payloads",
      paramLabel = "N",
      description =
          "Captured payloads that may wait for redaction; more are dropped and counted"
              + " (SERIN_ROUTER_MAX_WAITING_PAYLOADS; default ${DEFAULT-VALUE}).")
  private int maxWaitingPayloads = 256;

  @Option(
      names = "--max-journal-bytes",
      paramLabel = "N",
      description =
          "Disk for events that Kafka has not taken yet, in bytes; beyond it events are dropped and"
              + " counted (SERIN_ROUTER_MAX_JOURNAL_BYTES; default ${DEFAULT-VALUE}).")
  private long maxJournalBytes = 1L << 30;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description =
          "Most connections of one event loop to one model server (SERIN_ROUTER_CONNECTIONS;"
              + " default ${DEFAULT-VALUE}).")
  private int connections = ProxySettings.DEFAULT.connectionsPerLoop();

  @Option(
      names = "--reveal-variant",
      description =
          "Names the variant in the answer's header x-serin-variant (SERIN_ROUTER_REVEAL_VARIANT).")
  private boolean revealVariant;

  @Option(
      names = "--default-rollout",
      paramLabel = "NAME",
      description =
          "Serves models that no rollout is named after; its control serves every path that the router does"
              + " not know (SERIN_ROUTER_DEFAULT_ROLLOUT; default: both are answered 404).")
  private @Nullable String defaultRollout;

  @Option(
      names = "--cors-origins",
      paramLabel = "ORIGIN",
      split = ",",
      description =
          "Pages that may call from a browser, such as https://chat.example.com; * is every page"
              + " (SERIN_ROUTER_CORS_ORIGINS; default: none).")
  private List<String> corsOrigins = List.of();

  @Option(
      names = "--host-names",
      paramLabel = "NAMES",
      split = ",",
      description =
          "Names with a dot under which clients reach the port, separated by commas; * is every"
              + " name. Without client keys, another Host header is refused on loopback and from"
              + " browsers (SERIN_ROUTER_HOST_NAMES; default: none).")
  private List<String> hostNames = List.of();

  @Option(
      names = "--feedback-rate",
      paramLabel = "N",
      description =
          "Feedbacks of one client key, or one address, that are taken each second; 0 is without"
              + " limit (SERIN_ROUTER_FEEDBACK_RATE; default ${DEFAULT-VALUE}).")
  private int feedbackRate = SenderLimits.DEFAULT.feedbackPerSecond();

  @Option(
      names = "--new-units-per-client",
      paramLabel = "N",
      description =
          "New units of one client key, or one address beyond loopback, that count as evidence each"
              + " minute; further ones are served and recorded as excluded; 0 is without limit"
              + " (SERIN_ROUTER_NEW_UNITS_PER_CLIENT; default ${DEFAULT-VALUE}).")
  private int newUnits = SenderLimits.DEFAULT.newUnitsPerMinute();

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      description =
          "Most requests under way; more are answered 429 with retry-after; 0 is without limit"
              + " (SERIN_ROUTER_MAX_IN_FLIGHT; default ${DEFAULT-VALUE}).")
  private int maxInFlight = ApiSettings.DEFAULT.maxInFlight();

  @Option(
      names = "--gzip-from-bytes",
      paramLabel = "N",
      description =
          "Compresses whole answers of at least N bytes for clients that accept gzip, never"
              + " streams; 0 compresses none (SERIN_ROUTER_GZIP_FROM_BYTES; default"
              + " ${DEFAULT-VALUE}).")
  private int gzipFromBytes;

  @Option(
      names = "--log-requests",
      description = "Logs each attempt, without content (SERIN_ROUTER_LOG_REQUESTS).")
  private boolean logRequests;

  /** Runs a router until the process is told to end. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new RouterCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    KafkaConnection connection = kafka.connection();
    AtomicReference<@Nullable RouterService> running = new AtomicReference<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running.get()), "serin-stop"));
    RouterService service = start(connection);
    running.set(service);
    System.out.println(
        "serin-ready {\"service\":\"router\",\"url\":\""
            + service.url()
            + "\",\"adminUrl\":\""
            + service.adminUrl()
            + "\"}");
    System.out.flush();
    // Only the end of the process ends a router.
    new CountDownLatch(1).await();
    return 0;
  }

  private static void stop(@Nullable RouterService service) {
    if (service != null) {
      service.close();
    }
  }

  private RouterService start(KafkaConnection connection) {
    try {
      return new RouterService(settings(), connection, System.getenv());
    } catch (IllegalArgumentException | IllegalStateException | IOException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private RouterSettings settings() {
    ProxySettings proxy =
        new ProxySettings(
            maxRequestBytes,
            maxAnswerBytes,
            ProxySettings.DEFAULT.maxHeldBytes(),
            maxCapturedBytes,
            connections,
            revealVariant,
            clients.bounds(),
            new ApiSettings(
                defaultRollout == null || defaultRollout.isBlank() ? null : defaultRollout,
                given(corsOrigins),
                maxInFlight,
                gzipFromBytes,
                logRequests,
                given(hostNames),
                new SenderLimits(feedbackRate, newUnits),
                clients.http2()));
    RouterServer.Listen listen =
        new RouterServer.Listen(
            host,
            port,
            present(adminHost, host),
            adminPort,
            eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops,
            Duration.ofSeconds(drainSeconds));
    return new RouterSettings(
        present(name, hostName()),
        data,
        present(signingKey, data.resolve("signing-key")),
        present(unitSalt, data.resolve("unit-salt")),
        listen,
        access.read(),
        proxy,
        maxJournalBytes,
        maxWaitingPayloads);
  }

  private static String present(@Nullable String value, String otherwise) {
    return value == null || value.isBlank() ? otherwise : value;
  }

  private static Path present(@Nullable Path value, Path otherwise) {
    return value == null || value.toString().isBlank() ? otherwise : value;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "router";
    }
  }

  private RuntimeException wrong(String message) {
    return spec == null
        ? new IllegalArgumentException(message)
        : new ParameterException(spec.commandLine(), message);
  }

  private static Set<String> given(List<String> values) {
    return values.stream()
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .collect(Collectors.toSet());
  }
}
