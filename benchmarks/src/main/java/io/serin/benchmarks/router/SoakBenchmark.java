package io.serin.benchmarks.router;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * The router under streams for minutes, with every request published to a running broker: prints
 * its memory as time goes by, and whether it stayed flat.
 */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = "Whether the router's memory stays flat under streams.",
    footer = {
      "",
      "Example:",
      "  benchmarks/run soak --for 10m --streams 64",
      "",
      "Exit codes: 0 flat; 1 memory grew, or a request failed; 2 wrong usage."
    })
public final class SoakBenchmark implements Callable<Integer> {

  /** What the second half's median may be above the first's: noise of a garbage collector. */
  private static final double ALLOWED = 0.05;

  private static final int SAMPLES = 40;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = Time.class,
      description = "How long, as 90s or 10m; at least 20s (default ${DEFAULT-VALUE}).")
  private Duration time = Duration.ofMinutes(10);

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "Concurrent streams, 1 to 4096 (default ${DEFAULT-VALUE}).")
  private int streams = 64;

  @Option(
      names = "--router-flags",
      paramLabel = "FLAGS",
      description = "JVM flags of the router, separated by blanks (default ${DEFAULT-VALUE}).")
  private String routerFlags = SerinPeer.SHIPPED_FLAGS;

  private record Sample(double seconds, double residentMiB, double heapMiB) {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new SoakBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (time.compareTo(Duration.ofSeconds(20)) < 0 || streams < 1 || streams > 4096) {
      System.err.println(
          "--for is "
              + time.toSeconds()
              + "s and --streams is "
              + streams
              + ": they must be at least 20s, and 1 to 4096");
      return 2;
    }
    Path folder = Files.createTempDirectory("serin-soak");
    try (Child stub =
            Child.java(
                folder.resolve("stub.log"),
                folder,
                StubUpstream.FLAGS,
                StubUpstream.class.getName(),
                List.of());
        Peer serin =
            SerinPeer.start(
                folder,
                Integer.parseInt(stub.awaitLine("listening ", Duration.ofSeconds(20))),
                List.of(routerFlags.strip().split("\\s+", -1)))) {
      return soak(serin);
    } finally {
      delete(folder);
    }
  }

  private int soak(Peer serin) throws Exception {
    List<Sample> samples = new ArrayList<>();
    Measured measured;
    try (LoadClient client = new LoadClient();
        HttpClient http = HttpClient.newHttpClient()) {
      CompletableFuture<Measured> load = CompletableFuture.supplyAsync(() -> run(client, serin));
      System.out.printf("%8s %12s %12s%n", "seconds", "resident MiB", "heap MiB");
      long begun = System.nanoTime();
      while (!load.isDone()) {
        Thread.sleep(Math.max(500, time.toMillis() / SAMPLES));
        Sample sample =
            new Sample(
                (System.nanoTime() - begun) / 1e9,
                ProcessUsage.residentMiB(serin.processes()),
                heapMiB(http, serin));
        samples.add(sample);
        System.out.printf(
            Locale.ROOT,
            "%8.0f %12.1f %12.1f%n",
            sample.seconds(),
            sample.residentMiB(),
            sample.heapMiB());
      }
      measured = load.get();
    }
    return verdict(samples, measured);
  }

  private Measured run(LoadClient client, Peer serin) {
    try {
      return client.run(
          new Load(
              serin.port(),
              serin.path(),
              serin.headers(),
              streams,
              true,
              Duration.ofSeconds(1),
              time),
          () -> ProcessUsage.cpuSeconds(serin.processes()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The first quarter is the time in which code is compiled: it is not judged. */
  private static int verdict(List<Sample> samples, Measured measured) {
    int from = samples.size() / 4;
    int middle = from + (samples.size() - from) / 2;
    double before = median(samples.subList(from, middle), Sample::residentMiB);
    double after = median(samples.subList(middle, samples.size()), Sample::residentMiB);
    double most = samples.stream().mapToDouble(Sample::residentMiB).max().orElse(Double.NaN);
    boolean flat = after <= before * (1 + ALLOWED);
    System.out.printf(
        Locale.ROOT,
        "%n%d streams served, %d failed, %d stalls; resident memory: median %.1f MiB, then %.1f MiB,"
            + " at most %.1f MiB: %s%n",
        measured.requests(),
        measured.failed(),
        measured.stalls(),
        before,
        after,
        most,
        flat ? "flat" : "it grew by more than " + Math.round(ALLOWED * 100) + " %");
    if (measured.failed() > 0) {
      System.out.println("INVALID: the first failure: " + measured.firstFailure());
    }
    return flat && measured.failed() == 0 ? 0 : 1;
  }

  private static double heapMiB(HttpClient http, Peer serin)
      throws IOException, InterruptedException {
    String metrics =
        http.send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + serin.adminPort() + "/metrics"))
                    .build(),
                BodyHandlers.ofString())
            .body();
    return metrics
            .lines()
            .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .sum()
        / (1 << 20);
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    double[] sorted = samples.stream().mapToDouble(figure).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** Reads 90s or 10m. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("[0-9]{1,5}[sm]")) {
        throw new CommandLine.TypeConversionException(
            "\"" + text + "\" is not a duration; write seconds or minutes, such as 90s or 10m");
      }
      long number = Long.parseLong(text.substring(0, text.length() - 1));
      return text.endsWith("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
    }
  }
}
