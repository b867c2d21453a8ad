package io.serin.router.upstream;

import static io.serin.router.upstream.ScriptedServer.bytes;
import static io.serin.router.upstream.ScriptedServer.ok;
import static io.serin.router.upstream.ScriptedServer.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Address;
import io.serin.router.journal.Awaiting;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of servers that answer well, badly, late, or what nobody asked. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class ConnectionPoolTest {

  private static final String BODY = "{\"model\":\"new\"}";

  private Vertx vertx;
  private Context eventLoop;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    eventLoop = vertx.getOrCreateContext();
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void shouldSendOneHeadAndTheBodyAndReadTheAnswer() throws Exception {
    try (ScriptedServer server = new ScriptedServer(bytes(ok("hello", "x-kind: test")))) {
      Heard heard = call(pool(8), server.address());

      assertThat(heard.body()).isEqualTo("hello");
      assertThat(heard.status()).isEqualTo(200);
      assertThat(heard.header("x-kind")).isEqualTo("test");
      assertThat(server.requests())
          .containsExactly(
              "POST /v1/chat/completions?v=1 HTTP/1.1\r\nhost: 127.0.0.1:"
                  + server.address().port()
                  + "\r\n"
                  + "content-length: 15\r\n"
                  + "content-type: application/json\r\n"
                  + "x-name: J\u00f6rg\r\n\r\n"
                  + BODY);
    }
  }

  @Test
  void shouldFrameTheBodyItselfAndNameAnotherHostWhereToldTo() throws Exception {
    try (ScriptedServer server = new ScriptedServer(bytes(ok("hello")))) {
      HttpHeaders headers =
          new DefaultHttpHeaders()
              .add("Host", "models.example")
              .add("Content-Length", "3")
              .add("Transfer-Encoding", "chunked");

      assertThat(call(pool(8), server.address(), headers).body()).isEqualTo("hello");
      assertThat(server.requests())
          .containsExactly(
              "POST /v1/chat/completions?v=1 HTTP/1.1\r\n"
                  + "host: models.example\r\n"
                  + "content-length: 15\r\n\r\n"
                  + BODY);
    }
  }

  @Test
  void shouldUseAConnectionAgainAndAgain() throws Exception {
    try (ScriptedServer server = new ScriptedServer(bytes(ok("hello")))) {
      ConnectionPool pool = pool(8);
      for (int i = 0; i < 5; i++) {
        assertThat(call(pool, server.address()).body()).isEqualTo("hello");
      }

      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void shouldUseNoConnectionAgainThatTheServerWantsClosedOrKeepsForNoTime() throws Exception {
    for (String header : new String[] {"connection: close", "keep-alive: timeout=0, max=5"}) {
      try (ScriptedServer server = new ScriptedServer(bytes(ok("hello", header)))) {
        ConnectionPool pool = pool(8);
        assertThat(call(pool, server.address()).body()).isEqualTo("hello");
        assertThat(call(pool, server.address()).body()).isEqualTo("hello");

        assertThat(server.connections()).as(header).isEqualTo(2);
        assertThat(server.sawClose()).isTrue();
      }
    }
  }

  @Test
  void shouldGiveNoAnswerToTheWrongRequest() throws Exception {
    // A second answer that nobody asked for, in the same bytes as the first.
    try (ScriptedServer server = new ScriptedServer(bytes(ok("mine") + ok("somebody else's")))) {
      ConnectionPool pool = pool(8);
      for (int i = 0; i < 3; i++) {
        assertThat(call(pool, server.address()).body()).isEqualTo("mine");
        assertThat(server.sawClose()).isTrue();
      }

      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void shouldGiveNothingThatWasLeftOverToTheCallThatWaits() throws Exception {
    for (String left : new String[] {ok("somebody else's"), "HTTP/1.1 2"}) {
      try (ScriptedServer server = new ScriptedServer(bytes(ok("mine") + left))) {
        ConnectionPool pool = pool(1);
        Heard first = new Heard();
        Heard second = new Heard();
        onLoop(
            () -> {
              pool.call(server.address(), 5_000, request(headers()), first);
              return pool.call(server.address(), 5_000, request(headers()), second);
            });

        assertThat(first.body()).isEqualTo("mine");
        assertThat(second.body()).isEqualTo("mine");
        assertThat(server.connections()).as(left).isEqualTo(2);
      }
    }
  }

  @Test
  void shouldPassOverInterimAnswers() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            bytes(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"
                    + ok("hello")))) {
      ConnectionPool pool = pool(8);

      assertThat(call(pool, server.address()).body()).isEqualTo("hello");
      Heard second = call(pool, server.address());
      assertThat(second.body()).isEqualTo("hello");
      assertThat(second.status()).isEqualTo(200);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void shouldReadWhatIsCompressedThoughItWasNotAskedFor() throws Exception {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write("compressed ü".getBytes(StandardCharsets.UTF_8));
    }
    String body = compressed.toString(StandardCharsets.ISO_8859_1);
    try (ScriptedServer server =
        new ScriptedServer(
            (request, connection) ->
                send(
                    connection,
                    request.contains("x-plain")
                        ? ok("plain")
                        : ok(body, "content-encoding: gzip")))) {
      ConnectionPool pool = pool(8);

      for (int i = 0; i < 2; i++) {
        Heard heard = call(pool, server.address());
        assertThat(heard.body()).isEqualTo("compressed ü");
        assertThat(heard.header("content-encoding")).isEmpty();
      }
      Heard plain = call(pool, server.address(), headers().add("x-plain", "1"));
      assertThat(plain.body()).isEqualTo("plain");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void shouldTellACutAnswerFromOneThatEndsWithItsConnection() throws Exception {
    try (ScriptedServer whole =
            new ScriptedServer(
                (request, connection) -> {
                  send(connection, "HTTP/1.1 200 OK\r\n\r\nup to the end");
                  connection.close();
                });
        ScriptedServer cut =
            new ScriptedServer(
                (request, connection) -> {
                  send(connection, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
                  connection.close();
                });
        ScriptedServer chunked =
            new ScriptedServer(
                (request, connection) -> {
                  send(
                      connection,
                      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n");
                  connection.close();
                })) {
      assertThat(call(pool(8), whole.address()).body()).isEqualTo("up to the end");
      for (ScriptedServer server : new ScriptedServer[] {cut, chunked}) {
        Heard heard = call(pool(8), server.address());
        assertThat(heard.failure()).isNotNull();
        assertThat(heard.firstBytes()).isEqualTo("half");
        assertThat(heard.reused()).isFalse();
      }
    }
  }

  @Test
  void shouldSayWhereALostConnectionHadBeenIdleBefore() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (request, connection) -> {
              if (request.contains("x-close")) {
                connection.close();
              } else {
                send(connection, ok("hello"));
              }
            })) {
      ConnectionPool pool = pool(8);
      assertThat(call(pool, server.address()).body()).isEqualTo("hello");

      Heard heard = call(pool, server.address(), headers().add("x-close", "1"));
      assertThat(heard.failure()).isNotNull();
      assertThat(heard.reused()).isTrue();
      Heard fresh = call(pool, server.address(), headers().add("x-close", "1"));
      assertThat(fresh.failure()).isNotNull();
      assertThat(fresh.reused()).isFalse();
    }
  }

  @Test
  void shouldFailWhereTheServerSpeaksNoHttpOrNobodyListens() throws Exception {
    try (ScriptedServer server = new ScriptedServer(bytes("220 mail.example ESMTP\r\n\r\n"))) {
      assertThat(call(pool(8), server.address()).failure()).isNotNull();
      assertThat(server.sawClose()).isTrue();
    }
    Address gone;
    try (ScriptedServer server = new ScriptedServer(bytes(ok("")))) {
      gone = server.address();
    }
    assertThat(call(pool(8), gone).failure()).isInstanceOf(java.net.ConnectException.class);
  }

  @Test
  void shouldLetCallsWaitWhereTheServerHasAsManyConnectionsAsItMay() throws Exception {
    Semaphore answers = new Semaphore(0);
    try (ScriptedServer server =
        new ScriptedServer(
            (request, connection) -> {
              answers.acquire();
              send(connection, ok("hello"));
            })) {
      ConnectionPool pool = pool(2);
      Heard[] heard = new Heard[6];
      PendingAnswer[] calls = new PendingAnswer[heard.length];
      for (int i = 0; i < heard.length; i++) {
        heard[i] = new Heard();
        Heard listener = heard[i];
        calls[i] = begin(pool, server, listener);
      }
      Awaiting.until(() -> server.requests().size() == 2);
      runOnLoop(
          () -> {
            calls[3].cancel(); // It waits.
            calls[0].cancel(); // It is under way: the next in line gets a connection of its own.
          });
      answers.release(heard.length);

      for (int i : new int[] {1, 2, 4, 5}) {
        assertThat(heard[i].body()).isEqualTo("hello");
      }
      assertThat(heard[0].over()).isFalse();
      assertThat(heard[3].over()).isFalse();
      assertThat(server.requests()).hasSize(5);
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void shouldCloseTheConnectionOfACallThatIsCancelled() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"))) {
      ConnectionPool pool = pool(8);
      Heard heard = new Heard();
      PendingAnswer call = begin(pool, server, heard);
      assertThat(heard.firstBytes()).isEqualTo("half");

      runOnLoop(call::cancel);

      assertThat(server.sawClose()).isTrue();
      assertThat(heard.over()).isFalse();
    }
  }

  @Test
  void shouldUseAConnectionAgainWhoseAnswerEndsSoonAfterItWasEnough() throws Exception {
    CountDownLatch enough = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer(
            (request, connection) -> {
              send(
                  connection, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndone\r\n");
              enough.await(20, TimeUnit.SECONDS);
              send(connection, "4\r\nrest\r\n0\r\n\r\n");
              ended.countDown();
            })) {
      ConnectionPool pool = pool(8);
      Heard heard = new Heard();
      PendingAnswer call = begin(pool, server, heard);
      assertThat(heard.firstBytes()).isEqualTo("done");
      runOnLoop(call::finish);
      enough.countDown();
      assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();

      // One at a time: it waits for the first connection, were that not given back for ever.
      assertThat(call(pool, server.address()).body()).isEqualTo("donerest");
      assertThat(heard.over()).isFalse();
    }
  }

  @Test
  void shouldGiveUpAConnectionWhoseAnswerDoesNotEnd() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndone\r\n"))) {
      ConnectionPool pool = pool(8);
      Heard heard = new Heard();
      PendingAnswer call = begin(pool, server, heard);
      assertThat(heard.firstBytes()).isEqualTo("done");

      runOnLoop(call::finish);

      assertThat(server.sawClose()).isTrue();
    }
  }

  @Test
  void shouldHoldTheServerBackWhileTheListenerIsSlow() throws Exception {
    int megabytes = 64;
    CountDownLatch sent = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer(
            (request, connection) -> {
              send(
                  connection,
                  "HTTP/1.1 200 OK\r\ncontent-length: " + (megabytes << 20) + "\r\n\r\n");
              byte[] much = new byte[1 << 20];
              for (int i = 0; i < megabytes; i++) {
                connection.getOutputStream().write(much);
              }
              sent.countDown();
            })) {
      ConnectionPool pool = pool(8);
      Counting counting = new Counting();
      PendingAnswer call =
          onLoop(
              () -> {
                PendingAnswer made =
                    pool.call(server.address(), 5_000, request(headers()), counting);
                counting.pauses = made;
                return made;
              });
      assertThat(counting.first.get(20, TimeUnit.SECONDS)).isPositive();

      // What sockets hold is a few megabytes: the server's writing has come to a halt.
      assertThat(sent.await(500, TimeUnit.MILLISECONDS)).isFalse();
      runOnLoop(
          () -> {
            counting.pauses = null;
            call.resume();
          });
      assertThat(counting.whole.get(20, TimeUnit.SECONDS)).isEqualTo((long) megabytes << 20);
    }
  }

  @Test
  void shouldSendNothingThatIsNoTarget() {
    for (String target : new String[] {"", "/a b", "/a\r\nx: y", "/a\u007f", "/a\tb"}) {
      assertThatThrownBy(
              () -> UpstreamRequest.post(target, headers(), BODY.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("target");
    }
  }

  /** Stops the answer at its first bytes, and counts. */
  private static final class Counting implements AnswerListener {
    final CompletableFuture<Long> first = new CompletableFuture<>();
    final CompletableFuture<Long> whole = new CompletableFuture<>();
    volatile @org.jspecify.annotations.Nullable PendingAnswer pauses;
    long bytes;

    @Override
    public void head(io.netty.handler.codec.http.HttpResponse head) {}

    @Override
    public void bytes(io.netty.buffer.ByteBuf content) {
      bytes += content.readableBytes();
      PendingAnswer paused = pauses;
      if (paused != null) {
        paused.pause();
      }
      first.complete(bytes);
    }

    @Override
    public void ended() {
      whole.complete(bytes);
    }

    @Override
    public void failed(Throwable why, boolean reused) {
      first.completeExceptionally(why);
      whole.completeExceptionally(why);
    }
  }

  private ConnectionPool pool(int mostPerServer) {
    return pool(mostPerServer, Set.of());
  }

  private ConnectionPool pool(int mostPerServer, Set<String> http2Servers) {
    return onLoop(
        () ->
            new ConnectionPool(
                vertx,
                new PoolSettings(
                    mostPerServer,
                    Duration.ofSeconds(20),
                    Duration.ofHours(1),
                    64 << 10,
                    true,
                    http2Servers)));
  }

  private Heard call(ConnectionPool pool, Address address) {
    return call(pool, address, headers());
  }

  private Heard call(ConnectionPool pool, Address address, HttpHeaders headers) {
    Heard heard = new Heard();
    onLoop(() -> pool.call(address, 5_000, request(headers), heard));
    return heard;
  }

  private static UpstreamRequest request(HttpHeaders headers) {
    return UpstreamRequest.post(
        "/v1/chat/completions?v=1", headers, BODY.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpHeaders headers() {
    return new DefaultHttpHeaders()
        .add("content-type", "application/json")
        .add("x-name", "J\u00f6rg");
  }

  private PendingAnswer begin(ConnectionPool pool, ScriptedServer server, Heard heard) {
    return onLoop(() -> pool.call(server.address(), 5_000, request(headers()), heard));
  }

  private void runOnLoop(Runnable action) {
    onLoop(
        () -> {
          action.run();
          return true;
        });
  }

  private <T> T onLoop(Supplier<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    eventLoop.runOnContext(
        nothing -> {
          try {
            done.complete(action.get());
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done.join();
  }
}
