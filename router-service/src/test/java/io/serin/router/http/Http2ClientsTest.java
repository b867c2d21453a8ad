package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that speak HTTP/2: many requests on one connection, each with its own end. */
class Http2ClientsTest extends RouterTestBase {

  private final HttpClient h2 =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_2)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        100,
        0,
        false,
        Set.of(),
        ApiSettings.SenderLimits.NONE,
        new Http2(true, true, Set.of()));
  }

  @Override
  ClientBounds clients() {
    Duration seconds = Duration.ofSeconds(2);
    return new ClientBounds(seconds, seconds, Duration.ofSeconds(1), 100, 64 << 20);
  }

  @AfterEach
  void closeClient() {
    h2.shutdownNow();
  }

  @Test
  void shouldServeAnswersStreamsPathsAndRefusalsOnOneConnection() throws Exception {
    split(10_000);
    candidate.does(Upstream.stream("one", "two"));

    assertThat(ask(body(true)).body()).contains("one", "two").endsWith(Upstream.DONE);
    candidate.does(Upstream.text("whole"));
    HttpResponse<String> whole = ask(body(false));
    assertThat(textOf(whole)).isEqualTo("whole");
    assertThat(whole.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(ask("not json").statusCode()).isEqualTo(400);
    assertThat(ask("x".repeat(2 << 20)).statusCode()).as("too large").isEqualTo(413);
    control.does(Upstream.json(200, "{\"id\":\"file\"}"));
    assertThat(h2.send(request("/v1/files", "{}"), HttpResponse.BodyHandlers.ofString()).body())
        .isEqualTo("{\"id\":\"file\"}");
    assertThat(textOf(ask(body(false)))).isEqualTo("whole");
    assertThat(connectionsMade()).isEqualTo(1);
  }

  @Test
  void shouldServeManyAtATimeAndCutOnlyTheOneWhoseModelFails() throws Exception {
    split(0);
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    control.does(
        request -> {
          var response = Upstream.sse(request);
          response.write(Upstream.CHUNK.formatted("begins"));
          boolean cut = control.received().size() == 5;
          vertx.setTimer(
              300,
              later -> {
                if (cut) {
                  response.reset();
                } else {
                  response.end(Upstream.STOP + Upstream.DONE);
                }
              });
        });
    ask(body(true));
    for (int i = 0; i < 20; i++) {
      all.add(h2.sendAsync(request(CHAT, body(true)), HttpResponse.BodyHandlers.ofString()));
    }

    int failed = 0;
    for (CompletableFuture<HttpResponse<String>> each : all) {
      try {
        assertThat(each.join().body()).contains("begins").endsWith(Upstream.DONE);
      } catch (java.util.concurrent.CompletionException e) {
        assertThat(e).hasCauseInstanceOf(IOException.class);
        failed++;
      }
    }
    assertThat(failed).as("the one that was cut, and no other").isEqualTo(1);
    assertThat(connectionsMade()).isEqualTo(1);
  }

  @Test
  void shouldCountAStreamThatItsClientResetsAsCancelled() throws Exception {
    split(0);
    control.does(
        request -> {
          Upstream.sse(request).write(Upstream.CHUNK.formatted("begins"));
        });
    io.vertx.core.http.HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    HttpClientRequest request =
        client
            .request(HttpMethod.POST, URI.create(router.url()).getPort(), "127.0.0.1", CHAT)
            .await();
    request
        .putHeader("content-type", "application/json")
        .send(Buffer.buffer(body(true)))
        .onSuccess(response -> response.handler(first -> request.reset(8)));

    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.CANCELLED);
    assertThat(control.sawReset()).as("the model hears of it").isTrue();
    await()
        .untilAsserted(
            () -> assertThat(registry.get("serin.router.memory.held").gauge().value()).isZero());
  }

  @Test
  void shouldKeepAConnectionWhileAnAnswerLastsAndCloseItWhenItIsIdle() throws Exception {
    split(0);
    control.does(
        request -> vertx.setTimer(4_000, later -> Upstream.text("at last").answer(request)));

    assertThat(textOf(ask(body(false)))).isEqualTo("at last");
    await().atMost(Duration.ofSeconds(20)).until(() -> open() == 0);
  }

  @Test
  void shouldRefuseABodyThatStallsAndServeTheOthersOfItsConnection() throws Exception {
    split(0);
    io.vertx.core.http.HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    HttpClientRequest stalls =
        client
            .request(HttpMethod.POST, URI.create(router.url()).getPort(), "127.0.0.1", CHAT)
            .await();
    stalls.setChunked(true).putHeader("content-type", "application/json").write("{");

    assertThat(stalls.response().await().statusCode()).isEqualTo(408);
    HttpClientRequest next =
        client
            .request(HttpMethod.POST, URI.create(router.url()).getPort(), "127.0.0.1", CHAT)
            .await();
    assertThat(next.send(Buffer.buffer(body(false))).await().statusCode()).isEqualTo(200);
  }

  @Test
  void shouldStillServeClientsOfHttp11() {
    split(0);

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThatThrownBy(() -> new Http2(true, true, Set.of("http://a:1")))
        .hasMessageContaining("HOST:PORT");
  }

  private double connectionsMade() {
    return open();
  }

  private double open() {
    return registry.get("serin.router.client.connections").gauge().value();
  }

  private HttpResponse<String> ask(String body) throws IOException, InterruptedException {
    return h2.send(request(CHAT, body), HttpResponse.BodyHandlers.ofString());
  }
}
