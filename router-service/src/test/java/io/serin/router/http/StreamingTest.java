package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class StreamingTest extends RouterTestBase {

  private static final int WRITES_A_TURN = 64;

  @Test
  void shouldPassAStreamAndHideTheUsageThatOnlyTheRouterAskedFor() {
    split(10_000);
    candidate.does(Upstream.stream("one", "two", "three"));

    HttpResponse<String> response = chat(true);

    assertThat(header(response, "content-type")).isEqualTo("text/event-stream");
    assertThat(response.body())
        .contains("one", "two", "three")
        .endsWith(Upstream.DONE)
        .doesNotContain("usage");
    assertThat(
            json(candidate.received().getFirst().body())
                .at("/stream_options/include_usage")
                .asBoolean())
        .isTrue();
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getStreamed()).isTrue();
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(event.getMeasurement().getPromptTokens()).isEqualTo(7);
    assertThat(event.getMeasurement().getCompletionTokens()).isEqualTo(3);
    assertThat(event.getMeasurement().getCachedTokens()).isEqualTo(4);
    assertThat(event.getMeasurement().getTtftMicros()).isPositive();
    assertThat(event.getClientTtftMicros()).isPositive();
  }

  @Test
  void shouldKeepTheUsageChunkForAClientThatAskedForIt() {
    split(10_000);
    candidate.does(Upstream.stream("one"));

    HttpResponse<String> response =
        post(
            CHAT,
            "{\"model\":\"assistant\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"user\":\"ann\",\"messages\":[]}");

    assertThat(response.body())
        .isEqualTo(
            Upstream.ROLE
                + Upstream.CHUNK.formatted("one")
                + Upstream.STOP
                + Upstream.USAGE
                + Upstream.DONE);
  }

  @Test
  void shouldHandOverEachEventAsItArrives() throws Exception {
    split(10_000);
    CompletableFuture<HttpServerResponse> upstream = new CompletableFuture<>();
    candidate.does(
        request -> {
          HttpServerResponse response = Upstream.sse(request);
          response.write(Upstream.CHUNK.formatted("first"));
          upstream.complete(response);
        });

    HttpResponse<InputStream> response = open(request(CHAT, body(true)));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));

    assertThat(lines.readLine()).contains("first");
    assertThat(evidence.eventsSoFar()).isZero();
    assertThat(evidence.underWay())
        .extracting(RequestEvent::getClientOutcome)
        .containsExactly(Outcome.ROUTER_DIED);
    upstream.get(5, TimeUnit.SECONDS).end(Upstream.STOP + Upstream.DONE);
    assertThat(lines.lines().toList()).contains("data: [DONE]");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldReadEventsThatAreSplitAnywhere() {
    split(10_000);
    byte[] whole =
        (Upstream.CHUNK.formatted("grüße 👋") + Upstream.STOP + Upstream.DONE)
            .getBytes(StandardCharsets.UTF_8);
    candidate.does(request -> writeBytes(Upstream.sse(request), whole, 0));

    HttpResponse<String> response = chat(true);

    assertThat(response.body()).contains("grüße 👋").endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldEndTheStreamAtDoneEvenWhereTheVariantLingers() {
    split(10_000);
    candidate.does(
        Upstream.stallAfter(Upstream.CHUNK.formatted("all"), Upstream.STOP, Upstream.DONE));

    HttpResponse<String> response = chat(true);

    assertThat(response.body()).endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldTellTheClientThatAStreamWasCut() throws Exception {
    split(10_000);
    candidate.does(
        Upstream.cutAfter(Upstream.CHUNK.formatted("half"), Upstream.CHUNK.formatted("an")));

    String seen = rawAnswer(body(true));

    assertThat(seen).contains("half", "\"code\":\"upstream_cut\"").doesNotContain("[DONE]");
    assertThat(seen).as("no last chunk, so no clean end").doesNotEndWith("0\r\n\r\n");
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.CUT);
    assertThat(event.getMeasurement().getCompletionTokens()).isEqualTo(2);
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.CUT);
    assertThat(event.getClientStatus()).isEqualTo(200);
  }

  @Test
  void shouldFailInAnHttpClientWhereAStreamWasCut() {
    split(10_000);
    candidate.does(Upstream.cutAfter(Upstream.CHUNK.formatted("half")));

    HttpResponse<InputStream> response = open(request(CHAT, body(true)));

    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
  }

  @Test
  void shouldTakeACleanEndWithoutFinishForACut() throws Exception {
    split(10_000);
    candidate.does(Upstream.events(Upstream.CHUNK.formatted("half")));

    assertThat(rawAnswer(body(true))).contains("upstream_cut").doesNotEndWith("0\r\n\r\n");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.CUT);
  }

  @Test
  void shouldTakeAFinishReasonWithoutDoneForAWholeStream() {
    split(10_000);
    candidate.does(Upstream.events(Upstream.CHUNK.formatted("whole"), Upstream.STOP));

    assertThat(chat(true).body()).contains("whole");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldEndAStreamThatFallsSilent() throws Exception {
    adopt(Commands.impatient(command(10_000)));
    candidate.does(Upstream.stallAfter(Upstream.CHUNK.formatted("half")));

    assertThat(rawAnswer(body(true))).contains("upstream_timeout");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.TIMEOUT);
    assertThat(candidate.sawReset()).isTrue();
  }

  @Test
  void shouldCancelTheVariantAtOnceWhenTheClientLeaves() throws Exception {
    split(10_000);
    candidate.does(
        Upstream.stallAfter(Upstream.CHUNK.formatted("one"), Upstream.CHUNK.formatted("two")));

    HttpResponse<InputStream> response = open(request(CHAT, body(true)));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    while (!lines.readLine().contains("two")) {
      // Reads on.
    }
    response.body().close();

    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(event.getMeasurement().getCompletionTokens()).isEqualTo(2);
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(event.getLast()).isTrue();
    assertThat(candidate.sawReset()).isTrue();
  }

  @Test
  void shouldCountAClientThatLeavesBeforeTheFirstByteAsCancelled() throws Exception {
    split(10_000);
    CountDownLatch called = new CountDownLatch(1);
    candidate.does(request -> called.countDown());

    try (Socket socket = rawRequest(body(false))) {
      assertThat(called.await(5, TimeUnit.SECONDS)).isTrue();
    }

    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(event.getClientStatus()).isNull();
    assertThat(candidate.sawReset()).isTrue();
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldLetStreamsUnderWayFinishWhenTheRouterStops() throws Exception {
    split(10_000);
    CompletableFuture<HttpServerResponse> upstream = new CompletableFuture<>();
    candidate.does(
        request -> {
          HttpServerResponse response = Upstream.sse(request);
          response.write(Upstream.CHUNK.formatted("begun"));
          upstream.complete(response);
        });
    HttpResponse<InputStream> response = open(request(CHAT, body(true)));

    Thread stopping = Thread.ofVirtual().start(router::close);
    URI address = URI.create(router.url());
    while (accepts(address)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    upstream.get(15, TimeUnit.SECONDS).end(Upstream.STOP + Upstream.DONE);

    assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8))
        .endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getClientOutcome()).isEqualTo(Outcome.OK);
    stopping.join();
  }

  @Test
  void shouldHoldTheVariantBackWhileTheClientIsSlow() throws Exception {
    split(10_000);
    AtomicLong written = new AtomicLong();
    String big = Upstream.CHUNK.formatted("x".repeat(8_000));
    long total = 5_000;
    candidate.does(request -> flood(request, big, total, written));

    try (Socket socket = rawRequest(body(true))) {
      long seen = -1;
      while (seen != written.get() || seen == 0) {
        seen = written.get();
        TimeUnit.MILLISECONDS.sleep(200);
      }
      assertThat(seen)
          .as("events that the variant could write to a client that does not read")
          .isLessThan(total);
      String line = "";
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      while (!line.equals("data: [DONE]")) {
        line = lines.readLine();
      }
    }
    assertThat(written.get()).isEqualTo(total);
    assertThat(evidence.events(1).getFirst().getMeasurement().getCompletionTokens())
        .isEqualTo(total);
  }

  @Test
  void shouldHoldNoMoreThanABoundWhileAFastEndlessStreamMeetsASlowReader() throws Exception {
    split(10_000);
    AtomicLong written = new AtomicLong();
    String big = Upstream.CHUNK.formatted("x".repeat(8_000));
    candidate.does(request -> flood(request, big, Long.MAX_VALUE, written));
    long most = 0;

    try (Socket socket = Raw.post(router, CHAT, body(true))) {
      byte[] piece = new byte[16 << 10];
      long read = 0;
      while (read < 24 << 20) {
        read += socket.getInputStream().read(piece);
        most = Math.max(most, written.get() * big.length() - read);
        LockSupport.parkNanos(100_000);
      }
    }

    assertThat(most)
        .as("bytes between variant and client: what the system's own buffers hold, not a stream")
        .isBetween(1L, 32L << 20);
    assertThat(evidence.events(1).getFirst().getClientOutcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(candidate.sawReset()).isTrue();
  }

  private static void flood(
      HttpServerRequest request, String event, long total, AtomicLong written) {
    HttpServerResponse response = request.response();
    if (!response.headWritten()) {
      Upstream.sse(request);
    }
    response.drainHandler(null);
    if (response.closed()) {
      return;
    }
    for (int turn = 0; written.get() < total; turn++) {
      if (response.writeQueueFull()) {
        response.drainHandler(drained -> flood(request, event, total, written));
        return;
      }
      if (turn == WRITES_A_TURN) {
        // That the reader left is only told between turns, and a closed queue is never full.
        Vertx.currentContext().runOnContext(next -> flood(request, event, total, written));
        return;
      }
      written.incrementAndGet();
      response.write(event);
    }
    response.end(
        Upstream.STOP.replace(
                "\"usage\":null",
                "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":" + total + "}")
            + Upstream.DONE);
  }

  private static void writeBytes(HttpServerResponse response, byte[] bytes, int from) {
    if (from == bytes.length) {
      response.end();
    } else {
      response
          .write(Buffer.buffer(new byte[] {bytes[from]}))
          .onSuccess(done -> writeBytes(response, bytes, from + 1));
    }
  }

  private static boolean accepts(URI address) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private Socket rawRequest(String body) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(router.url()).getPort());
    socket.setSoTimeout(10_000);
    socket
        .getOutputStream()
        .write(
            ("POST "
                    + CHAT
                    + " HTTP/1.1\r\nhost: router\r\ncontent-length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Everything that the connection carries until it is closed. */
  private String rawAnswer(String body) throws IOException {
    try (Socket socket = rawRequest(body)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
