package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire, byte by byte, where ready-made clients would not show it. */
class WireTest extends RouterTestBase {

  private static final String POST = "POST " + CHAT + " HTTP/1.1\r\nhost: router\r\n";

  /** As nginx asks unless told otherwise: it knows no chunks, the closed connection is the end. */
  @Test
  void shouldStreamToAClientOfHttp10WithoutChunksAndCloseAtTheEnd() throws IOException {
    split(10_000);
    candidate.does(Upstream.stream("one", "two"));

    String answer = ask(POST.replace("1.1", "1.0") + length(body(true)) + "\r\n" + body(true));

    assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("transfer-encoding");
    assertThat(bodyOf(answer)).startsWith("data: ").contains("one", "two").endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getClientOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldTellAClientOfHttp10ThatAStreamWasCut() throws IOException {
    split(10_000);
    candidate.does(Upstream.cutAfter(Upstream.CHUNK.formatted("half")));

    String answer = ask(POST.replace("1.1", "1.0") + length(body(true)) + "\r\n" + body(true));

    assertThat(answer).contains("half", "upstream_cut").doesNotContain("[DONE]");
  }

  @Test
  void shouldReadAChunkedRequestInSmallPieces() throws IOException {
    split(10_000);
    StringBuilder chunks = new StringBuilder();
    for (int i = 0; i < body(false).length(); i += 5) {
      String piece = body(false).substring(i, Math.min(i + 5, body(false).length()));
      chunks.append(Integer.toHexString(piece.length())).append(";note=1\r\n");
      chunks.append(piece).append("\r\n");
    }

    String answer =
        ask(POST + "transfer-encoding: chunked\r\n\r\n" + chunks + "0\r\nx-late: 1\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("from candidate");
    Upstream.Received received = candidate.received().getFirst();
    assertThat(json(received.body()).path("user").asText()).isEqualTo("ann");
    assertThat(received.headers().get("content-length"))
        .as("its length, since it goes on whole")
        .isEqualTo(Integer.toString(received.body().length()));
    assertThat(received.headers().names()).doesNotContain("transfer-encoding", "x-late");
  }

  @Test
  void shouldRefuseAChunkedBodyOverTheLimitBeforeItsEnd() throws IOException {
    split(0);
    try (Socket socket = connect()) {
      write(socket, POST + "transfer-encoding: chunked\r\n\r\n");
      String part = "10000\r\n" + "y".repeat(0x10000) + "\r\n";
      for (int i = 0; i < 17; i++) {
        write(socket, part); // A megabyte and a little, and no end.
      }

      String answer = read(socket);

      assertThat(answer).startsWith("HTTP/1.1 413 ").contains("invalid_request_error");
    }
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldRefuseABodyThatUnpacksToMoreThanTheLimit() throws IOException {
    split(0);
    byte[] small = gzip("y".repeat(16 << 20));
    assertThat(small.length).isLessThan(1 << 17);
    try (Socket socket = connect()) {
      write(
          socket, POST + "content-encoding: gzip\r\ncontent-length: " + small.length + "\r\n\r\n");
      socket.getOutputStream().write(small);

      assertThat(read(socket)).startsWith("HTTP/1.1 413 ");
    }
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldLetAClientSendThatAsksBefore() throws IOException {
    split(10_000);
    try (Socket socket = connect()) {
      write(
          socket,
          POST + "expect: 100-continue\r\nconnection: close\r\n" + length(body(false)) + "\r\n");
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(lines.readLine()).startsWith("HTTP/1.1 100 ");
      assertThat(lines.readLine()).isEmpty();
      write(socket, body(false));

      assertThat(lines.readLine()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(candidate.received().getFirst().headers().contains("expect")).isFalse();
  }

  @Test
  void shouldDropWhatAClientsConnectionHeaderNames() throws IOException {
    split(10_000);

    ask(
        POST
            + "connection: close\r\n"
            + "connection: X-Hop, x-user-id\r\n"
            + "keep-alive: timeout=5\r\n"
            + "x-hop: 1\r\n"
            + "proxy-authorization: Basic c2VjcmV0\r\n"
            + "proxy-connection: x\r\n"
            + "trailer: x-late\r\n"
            + "upgrade: h2c\r\n"
            + "http2-settings: AAMA\r\n"
            + "x-end: 1\r\n"
            + length(body(false))
            + "\r\n"
            + body(false));

    assertThat(candidate.received().getFirst().headers().names())
        .contains("x-end")
        .doesNotContain(
            "connection",
            "keep-alive",
            "x-hop",
            "x-user-id",
            "proxy-authorization",
            "proxy-connection",
            "trailer",
            "upgrade",
            "http2-settings");
  }

  /** Each is read in two ways by somebody; none may reach a model, and nothing behind it either. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5, 6\r\n",
        "content-length: +5\r\n",
        "content-length: -1\r\n",
        "content-length: 0x5\r\n",
        "content-length : 5\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "content-length: 5\r\nno colon here\r\n",
        "content-length: 5\r\nx-nul: a\u0000b\r\n",
        "content-length: 5\r\nx-cr: a\rx-injected: 1\r\n",
      })
  void shouldRefuseARequestWhoseEndIsNotClear(String framing) throws IOException {
    split(10_000);

    String answer =
        ask(
            POST
                + framing
                + "\r\n"
                + "0\r\n\r\n"
                + POST
                + length(body(false))
                + "\r\n"
                + body(false));

    assertThat(answer).matches("(?s)HTTP/1\\.[01] (400|501) .*");
    assertThat(answer.split("HTTP/1\\.[01] ", -1)).as("one answer").hasSize(2);
    assertThat(candidate.received()).isEmpty();
    assertThat(control.received()).isEmpty();
  }

  /** The chunks count (RFC 9112, 6.1), and what follows them is not served. */
  @Test
  void shouldServeNothingBehindARequestWithTwoFramings() throws IOException {
    split(10_000);
    String hidden = POST + length(body(false)) + "\r\n" + body(false);
    String chunk =
        Integer.toHexString(body(false).length()) + "\r\n" + body(false) + "\r\n0\r\n\r\n";

    String answer =
        ask(
            POST
                + "transfer-encoding: chunked\r\n"
                + length(chunk + hidden)
                + "\r\n"
                + chunk
                + hidden);

    assertThat(answer.split("HTTP/1\\.1 ", -1)).as("one answer").hasSizeLessThanOrEqualTo(2);
    assertThat(candidate.received()).hasSizeLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions?a=\u0001b",
        "/v1/chat/completions?a=\tb",
        "/v1/chat/completions?a=\u007fb",
      })
  void shouldRefuseATargetWithControlCharacters(String target) throws IOException {
    split(10_000);

    String answer = ask(POST.replace(CHAT, target) + length(body(false)) + "\r\n" + body(false));

    assertThat(answer).matches("(?s)HTTP/1\\.[01] 400 .*");
    assertThat(candidate.received()).isEmpty();
  }

  @Test
  void shouldRefuseAHeaderWithoutAName() throws IOException {
    split(10_000);

    String answer =
        ask(POST + "connection: close\r\n: none\r\n" + length(body(false)) + "\r\n" + body(false));

    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("invalid_http");
    assertThat(candidate.received()).isEmpty();
  }

  @Test
  void shouldMakeOneLineOfAFoldedHeader() throws IOException {
    split(10_000);

    ask(
        POST
            + "connection: close\r\nx-folded: a\r\n x-injected: 1\r\n"
            + length(body(false))
            + "\r\n"
            + body(false));

    assertThat(candidate.received())
        .allSatisfy(received -> assertThat(received.headers().contains("x-injected")).isFalse());
  }

  @Test
  void shouldRefuseAHeadOverTheLimit() throws IOException {
    split(10_000);

    String answer = ask(POST + "x-long: " + "y".repeat(100_000) + "\r\n" + length("{}") + "\r\n{}");

    assertThat(answer).matches("(?s)HTTP/1\\.[01] (400|431) .*");
    assertThat(candidate.received()).isEmpty();
  }

  @Test
  void shouldAnswerPipelinedRequestsInTheirOrder() throws IOException {
    split(10_000);
    candidate.does(
        request ->
            vertx.setTimer(
                request.uri().endsWith("first") ? 150 : 1,
                late -> Upstream.text(request.query()).answer(request)));
    String one = POST.replace(CHAT, CHAT + "?first") + length(body(false)) + "\r\n" + body(false);
    String two =
        POST.replace(CHAT, CHAT + "?second")
            + "connection: close\r\n"
            + length(body(false))
            + "\r\n"
            + body(false);

    String answer = ask(one + two);

    assertThat(answer).containsSubsequence("HTTP/1.1 200 ", "first", "HTTP/1.1 200 ", "second");
  }

  /** A compressed stream is no reason to wait for its end. */
  @Test
  void shouldHandOverEachEventOfACompressedStreamAsItArrives() throws Exception {
    split(10_000);
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    GZIPOutputStream gzip = new GZIPOutputStream(compressed, true);
    CompletableFuture<HttpServerResponse> upstream = new CompletableFuture<>();
    candidate.does(
        request -> {
          HttpServerResponse response = Upstream.sse(request).putHeader("content-encoding", "gzip");
          response.write(flushed(gzip, compressed, Upstream.CHUNK.formatted("gr\u00fc\u00dfe")));
          upstream.complete(response);
        });

    try (Socket socket = Raw.post(router, CHAT, body(true), "accept-encoding", "gzip")) {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String line = lines.readLine();
      while (!line.startsWith("data: ")) {
        line = lines.readLine();
      }
      assertThat(line).contains("gr\u00fc\u00dfe");
      HttpServerResponse response = upstream.get(10, TimeUnit.SECONDS);
      response.write(flushed(gzip, compressed, Upstream.STOP + Upstream.DONE));
      while (!line.equals("data: [DONE]")) {
        line = lines.readLine();
      }
      gzip.close();
      response.end(Buffer.buffer(compressed.toByteArray()));
    }
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldHandOnTheLengthOfABodyThatPassesThrough() throws Exception {
    split(10_000);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(router.url() + "/v1/files?x=1"))
            .POST(HttpRequest.BodyPublishers.ofString("--b--"))
            .build();

    HttpResponse<String> response = send(request);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(control.received().getFirst().headers().get("content-length")).isEqualTo("5");
    assertThat(control.received().getFirst().headers().contains("transfer-encoding")).isFalse();
  }

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        100,
        64,
        true,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
  }

  private static Buffer flushed(GZIPOutputStream gzip, ByteArrayOutputStream out, String text) {
    try {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
      gzip.flush();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    Buffer bytes = Buffer.buffer(out.toByteArray());
    out.reset();
    return bytes;
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static String length(String body) {
    return "content-length: " + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n";
  }

  private static String bodyOf(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  /** Sends it, and nothing more; everything that comes until the router closes. */
  private String ask(String request) throws IOException {
    try (Socket socket = connect()) {
      write(socket, request);
      return read(socket);
    }
  }

  private Socket connect() throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(router.url()).getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String read(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
