package io.serin.cli.up;

import io.serin.cli.command.Terminal;
import io.serin.cli.control.ControlException;
import io.serin.cli.stack.CacheMode;
import io.serin.cli.stack.Companion;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes the start-up caches: runs everything once, with recording on, in a folder of its own. */
@Command(
    name = "warm-up",
    mixinStandardHelpOptions = true,
    description =
        "Makes the caches by which serin up starts in about half the time. serin up makes them by"
            + " itself, in the background of its first run.",
    footer = {"", "Example:", "  serin warm-up"})
public final class WarmUpCommand implements Callable<Integer> {

  private static final int REQUESTS = 20;
  @Mixin private Terminal terminal = new Terminal();

  @Override
  public Integer call() throws InterruptedException, IOException {
    Path data = Files.createTempDirectory("serin-warm-up");
    long begun = System.nanoTime();
    try {
      record(data, StartProgress.to(terminal.out()));
      terminal.print(
          "start-up caches made in "
              + StartProgress.seconds(Duration.ofNanos(System.nanoTime() - begun)));
      return 0;
    } catch (StackException | ControlException | UncheckedIOException e) {
      terminal.fail("no start-up caches: " + e.getMessage());
      return 1;
    } finally {
      delete(data);
    }
  }

  private static void record(Path data, StartProgress progress)
      throws StackException, ControlException, InterruptedException {
    StackOptions options =
        StackOptions.in(data)
            .ports(Ports.ANY)
            .caches(CacheMode.RECORD)
            .startTimeout(Duration.ofMinutes(3))
            .companion(
                new Companion(
                    UpOptions.MODELS,
                    "io.serin.rehearsal.command.ModelServersCommand",
                    List.of("--control-port", "0", "--candidate-port", "0")))
            .build();
    try (Stack stack = Stack.start(options, progress)) {
      StartRollouts.applyDemonstration(stack, progress);
      sendRequests(stack.routerUrls());
    }
  }

  /** Best effort: what is not exercised is only not quicker. */
  private static void sendRequests(List<URI> routers) throws InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < REQUESTS && !routers.isEmpty(); i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(routers.getFirst() + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .header("x-user-id", "user-" + i)
                .timeout(Duration.ofSeconds(10))
                .POST(BodyPublishers.ofString(body(i % 2 == 0)))
                .build();
        http.send(request, BodyHandlers.discarding());
      }
    } catch (IOException e) {
      // Nothing is lost but speed.
    }
  }

  private static String body(boolean stream) {
    return "{\"model\": \"assistant\", \"stream\": "
        + stream
        + ", \"messages\": [{\"role\": \"user\", \"content\": \"How do I boil an egg?\"}]}";
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
