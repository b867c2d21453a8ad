package io.serin.analytics.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.serin.rollout.Webhook;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.secret.SecretReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a webhook gets over a real connection. */
class ReceiverQueueTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_764_000_000);

  /** An answer whose body never ends. */
  private static final int ENDLESS = 0;

  /** A request as the receiver saw it. */
  private record Got(String id, String kind, @Nullable String signature, String body) {}

  @TempDir static Path FOLDER = Path.of("");

  private final HttpServer receiver;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Deque<Integer> answers = new ArrayDeque<>();
  private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final BlockingQueue<ReceiverQueue.Result> results = new LinkedBlockingQueue<>();
  private final ReceiverQueue lane = lane(4, Duration.ofSeconds(20));

  ReceiverQueueTest() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
  }

  @BeforeEach
  void listen() {
    receiver.createContext("/", this::answer);
    receiver.start();
  }

  @AfterEach
  void close() {
    lane.close();
    receiver.stop(0);
    http.close();
  }

  private ReceiverQueue lane(int tries, Duration timeout) {
    return new ReceiverQueue(
        http,
        new ReceiverQueue.Patience(tries, Duration.ofMillis(5), timeout),
        InstantSource.fixed(NOW),
        new SecretReader(Map.of("HOOK_KEY", "swordfish")::get, FOLDER),
        "test");
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    got.add(
        new Got(
            exchange.getRequestHeaders().getFirst("serin-delivery"),
            exchange.getRequestHeaders().getFirst("serin-event"),
            exchange.getRequestHeaders().getFirst("serin-signature"),
            body));
    Integer status = answers.poll();
    if (status != null && status == ENDLESS) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write('.');
      exchange.getResponseBody().flush();
      return; // It stays open.
    }
    exchange.sendResponseHeaders(status == null ? 204 : status, -1);
    exchange.close();
  }

  private Webhook hook(@Nullable String secret) {
    return new Webhook(
        "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook",
        Set.of("rolled-back"),
        secret);
  }

  private static Notice notice(String id) {
    return Notice.of(
        id,
        RolloutEvent.newBuilder()
            .setRollout("assistant")
            .setRun("run-1")
            .setRevision(7)
            .setStage(2)
            .setStageName("25%")
            .setKind(EventKind.ROLLED_BACK)
            .setAt(NOW)
            .setText("Rolled back: 9 of 40 units failed.")
            .setDetails(Map.of("cause", "error.rate rolled back"))
            .build());
  }

  private ReceiverQueue.Result send(Webhook hook, String id) throws InterruptedException {
    return send(lane, hook, id);
  }

  private ReceiverQueue.Result send(ReceiverQueue lane, Webhook hook, String id)
      throws InterruptedException {
    lane.send(hook, notice(id), results::add);
    ReceiverQueue.Result result = results.poll(30, TimeUnit.SECONDS);
    assertThat(result).as("ended within 30 s").isNotNull();
    return Objects.requireNonNull(result);
  }

  @Test
  void shouldTellWhatHappenedSigned() throws Exception {
    assertThat(send(hook("env:HOOK_KEY"), "serin.events-3-17"))
        .isEqualTo(ReceiverQueue.Result.DELIVERED);

    Got one = got.take();
    assertThat(one.id()).isEqualTo("serin.events-3-17");
    assertThat(one.kind()).isEqualTo("rolled-back");
    JsonNode json = new ObjectMapper().readTree(one.body());
    assertThat(json.get("text").asText())
        .isEqualTo("assistant: Rolled back: 9 of 40 units failed.");
    assertThat(json.get("stage").get("name").asText()).isEqualTo("25%");
    assertThat(json.get("at").asText()).isEqualTo("2025-11-24T16:00:00Z");
    assertThat(json.get("details").get("cause").asText()).isEqualTo("error.rate rolled back");
    assertThat(one.signature())
        .isEqualTo(
            Signature.of(
                "swordfish".getBytes(StandardCharsets.UTF_8),
                NOW.getEpochSecond(),
                one.body().getBytes(StandardCharsets.UTF_8)))
        .startsWith("t=1764000000,v1=");
  }

  @Test
  void shouldKnowEveryKindOfEvent() {
    assertThat(Webhook.KINDS)
        .containsExactlyElementsOf(
            Arrays.stream(EventKind.values())
                .filter(kind -> kind != EventKind.UNKNOWN)
                .map(Webhook::name)
                .sorted()
                .toList());
  }

  @Test
  void shouldSignAsTheStandardSays() {
    // printf '1.' | openssl dgst -sha256 -hmac Jefe
    assertThat(Signature.of("Jefe".getBytes(StandardCharsets.US_ASCII), 1, new byte[0]))
        .isEqualTo("t=1,v1=c5009ac9fb219943cae5947bf5ea45251fc6f7bb84976c7a02e94799d5d100a9");
  }

  @Test
  void shouldReadTheKeyFromTheOperatorsFolderOnly(@TempDir Path elsewhere) throws Exception {
    Files.writeString(FOLDER.resolve("key"), "swordfish\n");
    Files.writeString(elsewhere.resolve("signing-key"), "of the router\n");

    assertThat(send(hook("file:key"), "a")).isEqualTo(ReceiverQueue.Result.DELIVERED);
    assertThat(got.take().signature()).isNotNull();
    assertThat(send(hook("file:" + elsewhere.resolve("signing-key")), "b"))
        .isEqualTo(ReceiverQueue.Result.GIVEN_UP);
    assertThat(send(hook("env:NOT_THERE"), "c")).isEqualTo(ReceiverQueue.Result.GIVEN_UP);
    assertThat(got).as("what must be signed is not sent without").isEmpty();
  }

  @Test
  void shouldGiveUpAnAnswerThatNeverEnds() throws InterruptedException {
    answers.addAll(List.of(ENDLESS, ENDLESS));

    try (ReceiverQueue impatient = lane(2, Duration.ofMillis(500))) {
      assertThat(send(impatient, hook(null), "a")).isEqualTo(ReceiverQueue.Result.GIVEN_UP);
    }
    assertThat(send(hook(null), "b")).isEqualTo(ReceiverQueue.Result.DELIVERED);
  }

  @Test
  void shouldHoldNoMoreThanItsBoundWhileTheReceiverHangs() throws InterruptedException {
    hang();
    for (int i = 1; i <= ReceiverQueue.MOST_WAITING + 5; i++) {
      lane.send(hook(null), notice("" + i), results::add);
    }

    assertThat(results).hasSize(5).containsOnly(ReceiverQueue.Result.GIVEN_UP);
    assertThat(lane.idle()).isFalse();
  }

  @Test
  void shouldHoldNoMoreThanItsBoundInBytes() throws InterruptedException {
    hang();
    Notice large = new Notice("large", "rolled-back", "x".repeat(ReceiverQueue.MOST_BYTES / 4));
    for (int i = 0; i < 6; i++) {
      lane.send(hook(null), large, results::add);
    }

    assertThat(results).hasSize(2).containsOnly(ReceiverQueue.Result.GIVEN_UP);
  }

  @Test
  void shouldDropWhatAnotherInstanceSends() throws InterruptedException {
    hang();
    lane.send(hook(null), notice("mine"), results::add);
    lane.send(hook(null), notice("theirs"), results::add);
    lane.drop(notice -> notice.id().equals("theirs"));
    for (int i = 1; i <= ReceiverQueue.MOST_WAITING; i++) {
      lane.send(hook(null), notice("" + i), results::add);
    }

    assertThat(results).as("its place is free").hasSize(1);
  }

  /** The lane waits for an answer that never ends. */
  private void hang() throws InterruptedException {
    answers.add(ENDLESS);
    lane.send(hook(null), notice("first"), results::add);
    assertThat(got.poll(30, TimeUnit.SECONDS)).as("the first is being sent").isNotNull();
  }

  @Test
  void shouldTryAgainWhatMayPassWithTheSameId() throws InterruptedException {
    answers.addAll(List.of(503, 429, 500));

    assertThat(send(hook(null), "a")).isEqualTo(ReceiverQueue.Result.DELIVERED);
    assertThat(got).hasSize(4).extracting(Got::id).containsOnly("a");
    assertThat(got).extracting(Got::signature).containsOnlyNulls();
  }

  @Test
  void shouldGiveUpAfterTheLastTryAndGoOnWithTheNext() throws InterruptedException {
    answers.addAll(List.of(500, 500, 500, 500));

    assertThat(send(hook(null), "a")).isEqualTo(ReceiverQueue.Result.GIVEN_UP);
    assertThat(send(hook(null), "b")).isEqualTo(ReceiverQueue.Result.DELIVERED);
  }

  @Test
  void shouldNotRepeatWhatTheReceiverRefuses() throws InterruptedException {
    answers.addAll(List.of(404));

    assertThat(send(hook(null), "a")).isEqualTo(ReceiverQueue.Result.REFUSED);
    assertThat(got).hasSize(1);
  }

  @Test
  void shouldGiveUpWhereNobodyListens() throws InterruptedException {
    Webhook nobody = hook(null);
    receiver.stop(0);

    assertThat(send(nobody, "a")).isEqualTo(ReceiverQueue.Result.GIVEN_UP);
  }
}
