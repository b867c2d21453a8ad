package io.serin.benchmarks.router;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Clients of all kinds at once: streams, agents that send a growing conversation, bodies of 10 MB,
 * clients that leave in the middle, clients that read slowly. Counts every request by its end.
 */
final class MixedTraffic implements AutoCloseable {

  /** How requests ended, as their clients saw it. */
  record Count(
      long whole,
      long left,
      long refused,
      long errors,
      long failed,
      @Nullable String firstFailure) {

    /** Requests that the router has answered or begun to answer. */
    long served() {
      return whole + left + errors;
    }
  }

  private static final int LARGE_BYTES = 10_000_000;
  private static final int TURNS = 8;
  private static final String BEGIN =
      "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"";

  private final URI target;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Thread> clients = new ArrayList<>();
  private final AtomicBoolean ends = new AtomicBoolean();
  private final AtomicLong users = new AtomicLong();
  private final AtomicLong whole = new AtomicLong();
  private final AtomicLong left = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();

  /** What one client does again and again. */
  @FunctionalInterface
  private interface Conduct {
    void once(String user) throws IOException, InterruptedException;
  }

  /**
   * Starts the clients.
   *
   * @param streams how many stream; there are a quarter as many agents, and two of each other kind
   */
  MixedTraffic(Peer peer, int streams) {
    this.target = URI.create("http://127.0.0.1:" + peer.port() + peer.path());
    start(streams, this::stream);
    start(Math.max(1, streams / 4), this::agent);
    start(2, this::large);
    start(2, this::leaves);
    start(2, this::slow);
  }

  private void start(int count, Conduct conduct) {
    for (int i = 0; i < count; i++) {
      clients.add(Thread.ofVirtual().start(() -> repeat(conduct)));
    }
  }

  private void repeat(Conduct conduct) {
    while (!ends.get()) {
      try {
        conduct.once("user-" + users.incrementAndGet() % 1_000);
      } catch (IOException e) {
        failed.incrementAndGet();
        firstFailure.compareAndSet(null, e.toString());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void stream(String user) throws IOException, InterruptedException {
    ask(user, BEGIN + "hi\"}],\"stream\":true}");
  }

  /** A conversation that grows by an answer and a tool's result of 4 kB each turn. */
  private void agent(String user) throws IOException, InterruptedException {
    StringBuilder conversation = new StringBuilder(BEGIN).append("begin\"}");
    for (int turn = 0; turn < TURNS && !ends.get(); turn++) {
      ask(user, conversation + "]}");
      conversation
          .append(
              ",{\"role\":\"assistant\",\"content\":\"calls\"},{\"role\":\"user\",\"content\":\"")
          .append("r".repeat(4_096))
          .append("\"}");
      Thread.sleep(100);
    }
  }

  private void large(String user) throws IOException, InterruptedException {
    ask(user, BEGIN + "x".repeat(LARGE_BYTES) + "\"}]}");
    Thread.sleep(1_000);
  }

  private void ask(String user, String body) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(target)
                .timeout(Duration.ofMinutes(2))
                .header("content-type", "application/json")
                .header("x-user-id", user)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofByteArray());
    if (response.statusCode() >= 500 && response.statusCode() != 503) {
      firstFailure.compareAndSet(
          null, response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
    }
    count(response.statusCode(), whole);
  }

  private void count(int status, AtomicLong end) {
    switch (status) {
      case 200 -> end.incrementAndGet();
      case 503 -> refused.incrementAndGet();
      default -> {
        errors.incrementAndGet();
        firstFailure.compareAndSet(null, "status " + status);
      }
    }
  }

  /** Leaves in the middle of its stream. */
  private void leaves(String user) throws IOException, InterruptedException {
    try (Socket socket = raw(user)) {
      byte[] first = socket.getInputStream().readNBytes(200);
      count(status(first), left);
    }
    Thread.sleep(200);
  }

  /** Reads its stream through a small window, a few bytes at a time. */
  private void slow(String user) throws IOException, InterruptedException {
    try (Socket socket = raw(user)) {
      InputStream in = socket.getInputStream();
      byte[] first = in.readNBytes(12);
      byte[] piece = new byte[256];
      while (in.read(piece) >= 0) {
        Thread.sleep(20);
      }
      count(status(first), whole);
    }
  }

  private Socket raw(String user) throws IOException {
    byte[] body = (BEGIN + "hi\"}],\"stream\":true}").getBytes(StandardCharsets.US_ASCII);
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4 << 10);
    socket.setSoTimeout(120_000);
    socket.connect(new InetSocketAddress(target.getHost(), target.getPort()));
    String head =
        "POST "
            + target.getPath()
            + " HTTP/1.1\r\nhost: router\r\nconnection: close\r\ncontent-type: application/json\r\n"
            + "x-user-id: "
            + user
            + "\r\ncontent-length: "
            + body.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(body);
    return socket;
  }

  private static int status(byte[] head) throws IOException {
    String line = new String(head, StandardCharsets.US_ASCII);
    if (!line.startsWith("HTTP/1.1 ") || line.length() < 12) {
      throw new IOException("no answer: " + line);
    }
    return Integer.parseInt(line.substring(9, 12));
  }

  /** How many requests ended, and how. */
  Count count() {
    return new Count(
        whole.get(), left.get(), refused.get(), errors.get(), failed.get(), firstFailure.get());
  }

  /** Lets every client end what it has begun. */
  @Override
  public void close() throws InterruptedException {
    ends.set(true);
    for (Thread client : clients) {
      client.join();
    }
    http.close();
  }
}
