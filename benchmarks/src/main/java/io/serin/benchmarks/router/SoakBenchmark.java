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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * The router under mixed traffic for minutes, with every request published to a running broker:
 * prints memory, threads, handles and journal as time goes by, whether they stayed flat, and
 * whether every request was answered and counted once.
 */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "Whether the router stays flat under mixed traffic: streams, agents, bodies of 10 MB, clients",
      "that leave in the middle or read slowly; and whether each request is counted once."
    },
    footer = {
      "",
      "Example:",
      "  benchmarks/run soak --minutes 30 --streams 64",
      "",
      "Exit codes: 0 flat; 1 something grew, a request failed or was counted twice; 2 wrong usage."
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
      names = "--minutes",
      paramLabel = "N",
      description = "The same in minutes; it comes before --for.")
  private int minutes;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "Concurrent streams, 1 to 4096 (default ${DEFAULT-VALUE}).")
  private int streams = 32;

  @Option(
      names = "--router-flags",
      paramLabel = "FLAGS",
      description = "JVM flags of the router, separated by blanks (default ${DEFAULT-VALUE}).")
  private String routerFlags = SerinPeer.SHIPPED_FLAGS;

  /** What the router takes, and what it counts. */
  private record Sample(
      double seconds,
      double residentMiB,
      double heapMiB,
      long threads,
      long handles,
      double journalMiB,
      double heldMiB) {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new SoakBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (minutes > 0) {
      time = Duration.ofMinutes(minutes);
    }
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
    MixedTraffic.Count count;
    try (HttpClient http = HttpClient.newHttpClient()) {
      Map<String, Double> before = metrics(http, serin);
      MixedTraffic traffic = new MixedTraffic(serin, streams);
      try (traffic) {
        System.out.printf(
            "%8s %12s %9s %8s %8s %12s %9s %9s%n",
            "seconds",
            "resident MiB",
            "heap MiB",
            "threads",
            "handles",
            "journal MiB",
            "held MiB",
            "requests");
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < time.toNanos()) {
          Thread.sleep(Math.max(500, time.toMillis() / SAMPLES));
          Sample sample = sample(http, serin, (System.nanoTime() - begun) / 1e9);
          samples.add(sample);
          System.out.printf(
              Locale.ROOT,
              "%8.0f %12.1f %9.1f %8d %8d %12.1f %9.1f %9d%n",
              sample.seconds(),
              sample.residentMiB(),
              sample.heapMiB(),
              sample.threads(),
              sample.handles(),
              sample.journalMiB(),
              sample.heldMiB(),
              traffic.count().served());
        }
      }
      count = traffic.count();
      return verdict(samples, count, before, settled(http, serin));
    }
  }

  private static Sample sample(HttpClient http, Peer serin, double seconds)
      throws IOException, InterruptedException {
    Map<String, Double> now = metrics(http, serin);
    return new Sample(
        seconds,
        ProcessUsage.residentMiB(serin.processes()),
        sum(now, "jvm_memory_used_bytes{area=\"heap\"") / (1 << 20),
        ProcessUsage.threads(serin.processes()),
        ProcessUsage.handles(serin.processes()),
        sum(now, "serin_journal_files_bytes") / (1 << 20),
        sum(now, "serin_router_memory_held_bytes") / (1 << 20));
  }

  /** The metrics once no request is in progress. */
  private static Map<String, Double> settled(HttpClient http, Peer serin)
      throws IOException, InterruptedException {
    Map<String, Double> now = metrics(http, serin);
    for (int i = 0; i < 100 && sum(now, "serin_router_requests_in_flight") > 0; i++) {
      Thread.sleep(200);
      now = metrics(http, serin);
    }
    return now;
  }

  /** The first quarter is the time in which code is compiled: it is not judged. */
  private static int verdict(
      List<Sample> samples,
      MixedTraffic.Count count,
      Map<String, Double> before,
      Map<String, Double> after) {
    List<String> wrong = new ArrayList<>();
    flat(samples, "resident memory", Sample::residentMiB, 16, wrong);
    flat(samples, "threads", Sample::threads, 4, wrong);
    flat(samples, "handles", Sample::handles, 32, wrong);
    flat(samples, "journal", Sample::journalMiB, 16, wrong);
    long recorded = Math.round(lasts(after) - lasts(before));
    if (recorded != count.served()) {
      wrong.add(count.served() + " requests were served and " + recorded + " are counted");
    }
    if (count.failed() + count.errors() > 0) {
      wrong.add(
          count.failed() + count.errors() + " requests failed, the first: " + count.firstFailure());
    }
    for (String none :
        List.of("serin_router_memory_held_bytes", "serin_router_requests_in_flight")) {
      if (sum(after, none) != 0) {
        wrong.add(none + " is " + sum(after, none) + " without a request");
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%n%d answered, %d left by their clients, %d refused for want of memory, %d answered with an error, %d failed; %d counted%n",
        count.whole(),
        count.left(),
        count.refused(),
        count.errors(),
        count.failed(),
        recorded);
    wrong.forEach(each -> System.out.println("WRONG: " + each));
    return wrong.isEmpty() ? 0 : 1;
  }

  private static void flat(
      List<Sample> samples,
      String what,
      ToDoubleFunction<Sample> figure,
      double noise,
      List<String> wrong) {
    int from = samples.size() / 4;
    int middle = from + (samples.size() - from) / 2;
    double before = median(samples.subList(from, middle), figure);
    double after = median(samples.subList(middle, samples.size()), figure);
    System.out.printf(Locale.ROOT, "%s: median %.1f, then %.1f%n", what, before, after);
    if (after > Math.max(before * (1 + ALLOWED), before + noise)) {
      wrong.add(what + " grew from " + before + " to " + after);
    }
  }

  private static double lasts(Map<String, Double> metrics) {
    return metrics.entrySet().stream()
        .filter(each -> each.getKey().startsWith("serin_router_attempts_total"))
        .filter(each -> each.getKey().contains("last=\"true\""))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static double sum(Map<String, Double> metrics, String prefix) {
    return metrics.entrySet().stream()
        .filter(each -> each.getKey().startsWith(prefix))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static Map<String, Double> metrics(HttpClient http, Peer serin)
      throws IOException, InterruptedException {
    String text =
        http.send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + serin.adminPort() + "/metrics"))
                    .build(),
                BodyHandlers.ofString())
            .body();
    Map<String, Double> metrics = new HashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              metrics.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
            });
    return metrics;
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
