package io.serin.cli.rehearse;

import io.serin.cli.stack.Stack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks every service of a stack four times a second whether it is ready, on a thread of its own,
 * until it is closed. A service whose threads fail is not ready for ten seconds after each failure,
 * so that no failure is missed.
 */
final class ReadinessWatch implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofMillis(250);

  /** A look that a busy machine did not answer in time; far shorter than after a failure. */
  private static final Duration SHORT = Duration.ofSeconds(3);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final Map<String, URI> services = new LinkedHashMap<>();
  private final Map<String, Integer> notReady = new TreeMap<>();
  private final Thread thread = Thread.ofPlatform().name("serin-readiness").unstarted(this::look);
  private volatile boolean closed;

  private ReadinessWatch(Stack stack) {
    stack.controlUrl().ifPresent(url -> services.put("analytics", url));
    stack.workerUrl().ifPresent(url -> services.put("the worker", url));
    List<URI> routers = stack.routerAdminUrls();
    for (int i = 0; i < routers.size(); i++) {
      services.put("router " + (i + 1), routers.get(i));
    }
  }

  static ReadinessWatch of(Stack stack) {
    ReadinessWatch watch = new ReadinessWatch(stack);
    watch.thread.start();
    return watch;
  }

  private void look() {
    try {
      while (!closed) {
        for (Map.Entry<String, URI> service : services.entrySet()) {
          if (!ready(service.getValue())) {
            synchronized (notReady) {
              notReady.merge(service.getKey(), 1, Integer::sum);
            }
          }
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean ready(URI service) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(service.resolve("/health/ready")).timeout(TIMEOUT).build();
    try {
      HttpResponse<Void> response = http.send(request, BodyHandlers.discarding());
      return response.statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** One sentence for each service that was not ready for some seconds. */
  List<String> problems() {
    synchronized (notReady) {
      return notReady.entrySet().stream()
          .filter(service -> service.getValue() > SHORT.dividedBy(PAUSE))
          .map(
              service ->
                  service.getKey()
                      + " was not ready for about "
                      + (service.getValue() * PAUSE.toMillis() + 999) / 1_000
                      + " s")
          .toList();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
