package io.serin.benchmarks.router;

import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackException;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Serin's router as it runs in production: a process of its own with the optimising compiler, its
 * journal, and a running broker and registry that it publishes every request to.
 */
final class SerinPeer {

  /** Flags of the router's JVM as the command {@code serin router} sets them. */
  static final String SHIPPED_FLAGS =
      "-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms88m -Xmn48m -Xmx512m"
          + " -XX:TrimNativeHeapInterval=10000";

  private static final Duration START = Duration.ofSeconds(60);

  private SerinPeer() {}

  /**
   * @param flags of the router's JVM
   */
  static Peer start(Path folder, int stub, List<String> flags)
      throws IOException, InterruptedException {
    Stack stack;
    try {
      stack =
          Stack.start(
              StackOptions.in(folder.resolve("stack"))
                  .ports(Ports.ANY)
                  .parts(EnumSet.of(Part.BROKER, Part.REGISTRY))
                  .build(),
              event -> {});
    } catch (StackException e) {
      throw new IOException(e.getMessage(), e);
    }
    List<String> jvm = new ArrayList<>(flags);
    jvm.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dlogback.configurationFile=serin-service-logback.xml"));
    Child router =
        Child.java(
            folder.resolve("router.log"),
            folder,
            jvm,
            "io.serin.router.RouterCommand",
            List.of(
                "--kafka", stack.kafka().bootstrap(),
                "--registry", stack.kafka().registryUrl(),
                "--data", folder.resolve("router").toString(),
                "--port", "0",
                "--admin-port", "0"));
    try {
      order(stack.kafka(), stub);
      String ready = router.awaitLine("serin-ready ", START);
      int port = port(ready, "url");
      awaitServing(port);
      return new Peer(
          "serin",
          port,
          Peer.PATH,
          Map.of(),
          port(ready, "adminUrl"),
          List.of(router.handle()),
          List.of(router, stack));
    } catch (IOException | InterruptedException | RuntimeException e) {
      router.close();
      stack.close();
      throw e;
    }
  }

  /** What the controller would order: a quarter of the users on the candidate. */
  private static void order(KafkaConnection kafka, int stub) throws IOException {
    String url = "http://127.0.0.1:" + stub + "/v1";
    Command command =
        Command.newBuilder()
            .setRollout("assistant")
            .setRevision(1)
            .setRun("benchmark")
            .setState(RolloutState.RUNNING)
            .setStage(0)
            .setStageName("25%")
            .setVariants(
                List.of(
                    variant("control", VariantRole.CONTROL, url, "old"),
                    variant("candidate", VariantRole.CANDIDATE, url, "new")))
            .setSplit(List.of(new Slice("candidate", 0, 2500), new Slice("control", 2500, 10_000)))
            .setSalt("benchmark")
            .setUnit(List.of("header:x-user-id"))
            .setDeadlines(new Deadlines(2_000, 60_000, 30_000, 600_000))
            .setLeaseMillis(0)
            .setCause("a benchmark")
            .setIssuedAt(Instant.now())
            .build();
    try (KafkaProducer<String, Command> producer = kafka.producer(Map.of())) {
      producer.send(new ProducerRecord<>("serin.commands", "assistant", command)).get();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IOException("the split could not be ordered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void awaitServing(int port) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/models/assistant"))
              .build();
      long until = System.nanoTime() + START.toNanos();
      while (System.nanoTime() < until) {
        if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
        Thread.sleep(50);
      }
    }
    throw new IOException("the router did not get its split");
  }

  private static int port(String json, String field) throws IOException {
    Matcher matcher = Pattern.compile("\"" + field + "\":\"http://[^:]+:(\\d+)\"").matcher(json);
    if (!matcher.find()) {
      throw new IOException("no " + field + " in " + json);
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static VariantTarget variant(String name, VariantRole role, String url, String model) {
    return VariantTarget.newBuilder()
        .setName(name)
        .setRole(role)
        .setUrl(url)
        .setModel(model)
        .build();
  }
}
