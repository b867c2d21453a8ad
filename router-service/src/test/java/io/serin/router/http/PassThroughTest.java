package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that no variant is split for, and model servers that do what servers should not. */
class PassThroughTest extends RouterTestBase {

  private static final String SECRET = "{\"secret\":\"answer of the first client\"}";

  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<NetServer> servers = new CopyOnWriteArrayList<>();

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        10_000,
        0,
        false,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        Http2.DEFAULT);
  }

  @AfterEach
  void stopServer() {
    servers.forEach(server -> server.close().await());
  }

  @ParameterizedTest
  @ValueSource(ints = {102, 103, 104})
  void shouldGiveEachClientItsOwnAnswerBehindAnInterimOne(int interim) throws Exception {
    serve(
        (socket, head) -> {
          if (head.contains("/first")) {
            socket.write("HTTP/1.1 " + interim + " Interim\r\n\r\n");
            vertx.setTimer(600, late -> socket.write(ok(SECRET)));
          } else {
            socket.write(ok("{\"id\":\"of the second\"}"));
          }
        });

    CompletableFuture<HttpResponse<String>> first =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create(router.url() + "/v1/files/first")).build(),
            HttpResponse.BodyHandlers.ofString());
    await().until(() -> heads.size() == 1);
    HttpResponse<String> second = get(router.url() + "/v1/files/second");

    assertThat(second.body()).isEqualTo("{\"id\":\"of the second\"}");
    assertThat(first.get().statusCode()).isEqualTo(200);
    assertThat(first.get().body()).isEqualTo(SECRET);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldPassASlowUploadThatTakesLongerThanTheFirstByteMay(boolean chunked) throws Exception {
    AtomicInteger read = new AtomicInteger();
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                socket ->
                    socket.handler(
                        bytes -> {
                          String text = bytes.toString();
                          heads.add(text);
                          for (int at = text.indexOf('#');
                              at >= 0;
                              at = text.indexOf('#', at + 1)) {
                            if (read.incrementAndGet() == 6) {
                              socket.write(ok("{\"text\":\"hello\"}"));
                            }
                          }
                        }))
            .listen(0, "127.0.0.1")
            .await();
    servers.add(server);
    adoptServer(800);

    try (Socket client = connect()) {
      OutputStream out = client.getOutputStream();
      write(
          out,
          "POST /v1/audio/transcriptions HTTP/1.1\r\nhost: a\r\ncontent-type: audio/wav\r\n"
              + (chunked ? "transfer-encoding: chunked" : "content-length: 6")
              + "\r\n\r\n");
      for (int i = 0; i < 6; i++) {
        Thread.sleep(300); // Slower in all than the first byte may take: that is the case.
        write(out, chunked ? "1\r\n#\r\n" : "#");
      }
      write(out, chunked ? "0\r\n\r\n" : "");

      String answer = answerOf(client);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("{\"text\":\"hello\"}");
    }
    String head = String.join("", heads);
    assertThat(head).contains(chunked ? "transfer-encoding: chunked" : "content-length: 6");
  }

  @Test
  void shouldAnswer408ToAnUploadThatStallsAndNotBlameTheServer() throws Exception {
    serve((socket, head) -> {});
    adoptServer(400);

    try (Socket client = connect()) {
      write(
          client.getOutputStream(),
          "POST /v1/audio/transcriptions HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\n#");

      assertThat(answerOf(client)).startsWith("HTTP/1.1 408").contains("request_timeout");
    }
    nothingIsHeld();
  }

  @Test
  void shouldSendARequestWithoutABodyAgainWhenAnIdleConnectionWasReset() {
    serve(
        (socket, head) -> {
          long of = heads.stream().filter(each -> each.contains("/again")).count();
          if (head.contains("/again") && of == 1) {
            socket.close();
          } else {
            socket.write(ok("{}"));
          }
        });
    get(router.url() + "/v1/files/one");

    assertThat(get(router.url() + "/v1/files/again").statusCode()).isEqualTo(200);
    assertThat(connections).hasValueGreaterThanOrEqualTo(2);
  }

  @Test
  void shouldNotSendAgainWhatAServerHasWorkedOn() {
    serve(
        (socket, head) -> {
          if (head.contains("/work")) {
            vertx.setTimer(900, late -> socket.close());
          } else {
            socket.write(ok("{}"));
          }
        });
    get(router.url() + "/v1/files/one");

    assertThat(get(router.url() + "/v1/files/work").statusCode()).isEqualTo(502);
    assertThat(heads).filteredOn(each -> each.contains("/work")).hasSize(1);
  }

  @Test
  void shouldPassACompressedUploadAsItIs() {
    control.does(Upstream.json(200, "{}"));
    split(0);

    post("/v1/files", "not really gzip", "content-encoding", "gzip");

    assertThat(control.received().getLast().headers().get("content-encoding")).isEqualTo("gzip");
    assertThat(control.received().getLast().body()).isEqualTo("not really gzip");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-encoding: br\r\ncontent-length: 2\r\n\r\nxx",
        "transfer-encoding: gzip, chunked\r\n\r\n2\r\nxx\r\n0\r\n\r\n"
      })
  void shouldAnswer502WhereNobodyReadsTheEncoding(String rest) {
    serve((socket, head) -> socket.write("HTTP/1.1 200 OK\r\n" + rest));

    HttpResponse<String> passed = get(router.url() + "/v1/files/f");
    HttpResponse<String> asked = chat(false);

    assertThat(passed.statusCode()).isEqualTo(502);
    assertThat(asked.statusCode()).isEqualTo(502);
    assertThat(json(asked).at("/error/message").asText()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void shouldShowNoClientWhereARedirectLeads(int status) {
    serve(
        (socket, head) ->
            socket.write(
                "HTTP/1.1 "
                    + status
                    + " Redirect\r\n"
                    + "location: http://10.1.2.3:8000/v1/\r\n"
                    + "content-type: application/json\r\n"
                    + "content-length: 13\r\n\r\n"
                    + "{\"moved\":\"x\"}"));

    for (HttpResponse<String> answer : List.of(get(router.url() + "/v1/files/f"), chat(false))) {
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.headers().firstValue("location")).isEmpty();
    }
  }

  @Test
  void shouldPassTheHeadOfAFileWithoutItsBody() {
    serve(
        (socket, head) ->
            socket.write(
                head.startsWith("HEAD")
                    ? "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"
                    : ok("{\"next\":true}")));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(router.url() + "/v1/files/f"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();

    assertThat(send(request).statusCode()).isEqualTo(200);
    assertThat(get(router.url() + "/v1/files/f").body()).isEqualTo("{\"next\":true}");
  }

  @Test
  void shouldBoundAnAnswerThatDripsByTheTotalFromTheRequestsStart() {
    serve(
        (socket, head) -> {
          socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
          vertx.setPeriodic(100, drip -> socket.write("1\r\nx\r\n"));
        });
    Command command = Commands.assistant(++revision, url(), url(), 0);
    command.getDeadlines().setTotal(900);
    adopt(command);
    long begun = System.nanoTime();

    try (Socket client = connect()) {
      write(client.getOutputStream(), "GET /v1/files/f HTTP/1.1\r\nhost: a\r\n\r\n");
      assertThat(answerOf(client)).startsWith("HTTP/1.1 200").doesNotEndWith("0\r\n\r\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }

    assertThat(System.nanoTime() - begun).isBetween(800_000_000L, 5_000_000_000L);
    nothingIsHeld();
  }

  private void serve(BiConsumer<NetSocket, String> script) {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                socket -> {
                  connections.incrementAndGet();
                  socket.handler(
                      bytes -> {
                        String text = bytes.toString();
                        if (text.contains(" HTTP/1.1\r\n")) {
                          heads.add(text);
                          script.accept(socket, text);
                        }
                      });
                })
            .listen(0, "127.0.0.1")
            .await();
    servers.add(server);
    adopt(Commands.assistant(++revision, url(), url(), 0));
  }

  private void adoptServer(int millis) {
    Command command = Commands.assistant(++revision, url(), url(), 0);
    command.getDeadlines().setFirstByte(millis);
    command.getDeadlines().setIdle(millis);
    adopt(command);
  }

  private String url() {
    return "http://127.0.0.1:" + servers.getFirst().actualPort() + "/v1";
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", URI.create(router.url()).getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** What comes until the body of JSON ends, or the connection. */
  private static String answerOf(Socket client) throws IOException {
    StringBuilder all = new StringBuilder();
    for (int next = client.getInputStream().read();
        next >= 0;
        next = client.getInputStream().read()) {
      all.append((char) next);
      if (all.toString().endsWith("}\r\n0\r\n\r\n") || all.toString().endsWith("}}")) {
        break;
      }
    }
    return all.toString();
  }

  private void nothingIsHeld() {
    await()
        .untilAsserted(
            () ->
                assertThat(registry.get("serin.router.requests.in.flight").gauge().value())
                    .isZero());
  }

  private static String ok(String json) {
    return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
        + json.length()
        + "\r\n\r\n"
        + json;
  }
}
