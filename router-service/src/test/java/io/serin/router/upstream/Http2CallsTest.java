package io.serin.router.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Address;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of servers that speak HTTP/2, on real sockets. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class Http2CallsTest {

  /** Clients begin with it: the first one is for upgrades. */
  private static final int FIRST_STREAM = 3;

  private final List<HttpConnection> connections = new CopyOnWriteArrayList<>();
  private final List<NetSocket> lines = new CopyOnWriteArrayList<>();
  private final List<Throwable> resets = new CopyOnWriteArrayList<>();
  private final List<HttpServerRequest> asked = new CopyOnWriteArrayList<>();
  private Vertx vertx;
  private Context eventLoop;
  private ConnectionPool pool;

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
  void shouldAskManyAtATimeOnOneConnectionAndGiveEachItsOwnAnswer() throws Exception {
    Address server =
        serve(
            request ->
                request
                    .body()
                    .onSuccess(
                        body ->
                            vertx.setTimer(
                                50,
                                later ->
                                    request.response().putHeader("x-kind", "test").end(body))));

    List<Heard> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(call(server, "body " + i));
    }

    for (int i = 0; i < 50; i++) {
      assertThat(all.get(i).body()).isEqualTo("body " + i);
      assertThat(all.get(i).status()).isEqualTo(200);
      assertThat(all.get(i).header("x-kind")).isEqualTo("test");
      assertThat(all.get(i).header("x-http2-stream-id")).isEmpty();
    }
    assertThat(connections).hasSize(1);
    assertThat(asked.getFirst().version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(asked.getFirst().authority().toString()).isEqualTo("127.0.0.1:" + server.port());
    assertThat(asked.getFirst().getHeader("x-name")).isEqualTo("ann");
    assertThat(asked.getFirst().getHeader("connection")).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 300_000, 3_000_000})
  void shouldSendBodiesOfAnySize(int length) throws Exception {
    Address server =
        serve(
            request ->
                request
                    .body()
                    .onSuccess(
                        body ->
                            request
                                .response()
                                .end(body.length() + " " + request.getHeader("content-length"))));

    assertThat(call(server, "x".repeat(length)).body()).isEqualTo(length + " " + length);
  }

  @Test
  void shouldOpenNoMoreStreamsThanTheServerAllowsAndLetTheRestWait() throws Exception {
    Address server =
        serve(
            new HttpServerOptions()
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(2)),
            1,
            request -> vertx.setTimer(100, later -> request.response().end("fine")));
    assertThat(call(server, "first").body()).isEqualTo("fine");

    List<Heard> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(call(server, "more"));
    }

    for (Heard each : all) {
      assertThat(each.body()).isEqualTo("fine");
    }
    assertThat(connections).hasSize(1);
  }

  @Test
  void shouldResetTheStreamOfACallThatIsCancelledAndKeepTheConnection() throws Exception {
    Address server =
        serve(
            request -> {
              if (asked.size() == 1) {
                request.response().setChunked(true).write("begins");
              } else {
                request.response().end("second");
              }
            });
    Heard first = new Heard();
    PendingAnswer pending = start(server, "x", first);
    assertThat(first.firstBytes()).isEqualTo("begins");

    eventLoop.runOnContext(now -> pending.cancel());

    await().until(() -> !resets.isEmpty());
    assertThat(resets.getFirst()).isInstanceOf(StreamResetException.class);
    assertThat(call(server, "y").body()).isEqualTo("second");
    assertThat(connections).hasSize(1);
  }

  @Test
  void shouldFailACallWhoseStreamTheServerResets() throws Exception {
    Address server =
        serve(
            request -> {
              request.response().setChunked(true).write("begins");
              vertx.setTimer(50, later -> request.response().reset(2));
            });

    Heard heard = call(server, "x");

    assertThat(heard.failure()).hasMessageContaining("reset");
    assertThat(heard.reused()).as("it was answered in part").isFalse();
  }

  @Test
  void shouldSayThatARefusedStreamWasNotProcessed() throws Exception {
    Address server = serve(request -> request.response().reset(7));

    Heard heard = call(server, "x");

    assertThat(heard.failure()).hasMessageContaining("error 7");
    assertThat(heard.reused()).as("it may be sent again").isTrue();
  }

  @Test
  @SuppressWarnings("deprecation") // The only way to say goodbye without an end.
  void shouldFinishWhatIsAskedAndAskElsewhereAfterAGoodbye() throws Exception {
    Address server =
        serve(
            request -> {
              if (asked.size() == 1) {
                vertx.setTimer(300, later -> request.response().end("first"));
              } else {
                request.response().end("second");
              }
            });
    Heard first = call(server, "x");
    await().until(() -> connections.size() == 1 && asked.size() == 1);
    connections.getFirst().goAway(0, FIRST_STREAM, Buffer.buffer());
    // The goodbye comes before the answer to a call that is sent after it.
    connections.getFirst().ping(Buffer.buffer("12345678")).await();

    assertThat(call(server, "y").body()).isEqualTo("second");
    assertThat(first.body()).isEqualTo("first");
    assertThat(connections).hasSize(2);
  }

  @Test
  void shouldFailAllCallsOfALostConnectionAndMakeANewOne() throws Exception {
    Address server =
        behindALine(
            serve(
                request -> {
                  if (asked.size() > 3) {
                    request.response().end("fine");
                  }
                }));
    List<Heard> all = List.of(call(server, "a"), call(server, "b"), call(server, "c"));
    await().until(() -> asked.size() == 3);

    lines.forEach(NetSocket::close);

    for (Heard each : all) {
      assertThat(each.failure()).isNotNull();
    }
    assertThat(call(server, "d").body()).isEqualTo("fine");
  }

  @Test
  void shouldHoldTheServerBackWhileTheListenerIsSlow() throws Exception {
    int pieces = 400;
    int[] sent = new int[1];
    Address server =
        serve(
            request -> {
              request.response().setChunked(true);
              fill(request, sent, pieces);
            });
    Heard heard = new Heard();
    PendingAnswer pending = start(server, "x", heard);
    heard.firstBytes();
    eventLoop.runOnContext(now -> pending.pause());
    Thread.sleep(500);
    int paused = sent[0];

    assertThat(paused).as("the window of a stream, and sockets' buffers").isLessThan(pieces / 2);
    eventLoop.runOnContext(now -> pending.resume());
    assertThat(heard.body()).hasSize(pieces * 16_384);
  }

  private static void fill(HttpServerRequest request, int[] sent, int pieces) {
    while (sent[0] < pieces && !request.response().writeQueueFull()) {
      request.response().write(Buffer.buffer("z".repeat(16_384)));
      sent[0]++;
    }
    if (sent[0] == pieces) {
      request.response().end();
    } else {
      request.response().drainHandler(more -> fill(request, sent, pieces));
    }
  }

  @Test
  void shouldSkipInterimAnswersAndUnpackWhatIsCompressed() throws Exception {
    Address server =
        serve(
            new HttpServerOptions().setCompressionSupported(true),
            8,
            request -> {
              request.response().writeEarlyHints(io.vertx.core.MultiMap.caseInsensitiveMultiMap());
              request.response().end("z".repeat(50_000));
            });
    Heard heard = new Heard();
    HttpHeaders headers = new DefaultHttpHeaders().add("accept-encoding", "gzip");

    onLoop(() -> pool.call(server, 5_000, post("x", headers), heard));

    assertThat(heard.body()).hasSize(50_000);
    assertThat(heard.status()).isEqualTo(200);
  }

  private Address serve(Handler<HttpServerRequest> handler) {
    return serve(new HttpServerOptions(), 8, handler);
  }

  private Address serve(HttpServerOptions options, int most, Handler<HttpServerRequest> handler) {
    HttpServer server =
        vertx
            .createHttpServer(options)
            .connectionHandler(connections::add)
            .requestHandler(
                request -> {
                  request.response().exceptionHandler(resets::add);
                  asked.add(request);
                  handler.handle(request);
                })
            .listen(0, "127.0.0.1")
            .await();
    int port = server.actualPort();
    pool = pool(most, port);
    return new Address(false, "127.0.0.1", port, "/v1");
  }

  /** The same server behind lines that a test can cut. */
  private Address behindALine(Address server) {
    NetClient onwards = vertx.createNetClient();
    NetServer line =
        vertx
            .createNetServer()
            .connectHandler(
                here -> {
                  lines.add(here);
                  here.pause();
                  onwards
                      .connect(server.port(), server.host())
                      .onSuccess(
                          there -> {
                            here.handler(there::write).resume();
                            there.handler(here::write);
                          });
                })
            .listen(0, "127.0.0.1")
            .await();
    pool = pool(8, line.actualPort());
    return new Address(false, "127.0.0.1", line.actualPort(), "/v1");
  }

  private ConnectionPool pool(int most, int port) {
    return onLoop(
        () ->
            new ConnectionPool(
                vertx,
                new PoolSettings(
                    most,
                    Duration.ofSeconds(20),
                    Duration.ofHours(1),
                    64 << 10,
                    true,
                    Set.of("127.0.0.1:" + port))));
  }

  private Heard call(Address server, String body) {
    Heard heard = new Heard();
    PendingAnswer unused = start(server, body, heard);
    return heard;
  }

  private PendingAnswer start(Address server, String body, Heard heard) {
    return onLoop(() -> pool.call(server, 5_000, post(body, new DefaultHttpHeaders()), heard));
  }

  private static UpstreamRequest post(String body, HttpHeaders headers) {
    return UpstreamRequest.post(
        "/v1/chat/completions",
        headers.add("X-Name", "ann"),
        body.getBytes(StandardCharsets.UTF_8));
  }

  private <T> T onLoop(Supplier<T> what) {
    CompletableFuture<T> made = new CompletableFuture<>();
    eventLoop.runOnContext(
        now -> {
          try {
            made.complete(what.get());
          } catch (RuntimeException e) {
            made.completeExceptionally(e);
          }
        });
    return made.orTimeout(20, TimeUnit.SECONDS).join();
  }
}
