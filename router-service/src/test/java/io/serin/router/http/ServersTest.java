package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several servers of a variant, its limit, and its cache key. */
class ServersTest extends RouterTestBase {

  private Upstream second;
  private Upstream third;

  @BeforeEach
  void startMore() {
    second = new Upstream(vertx).does(Upstream.text("from second"));
    third = new Upstream(vertx).does(Upstream.text("from third"));
  }

  @AfterEach
  void stopMore() {
    second.close();
    third.close();
  }

  @Override
  ApiSettings api() {
    return new ApiSettings(
        null, Set.of(), 3, 0, true, Set.of(), ApiSettings.SenderLimits.NONE, Http2.DEFAULT);
  }

  @Test
  void shouldKeepAConversationOnOneServerAndSpreadConversations() {
    adopt(threeServers(null));
    Set<String> servers = new HashSet<>();
    // That one of the three servers gets none of them has a probability of 3e-7.
    for (int i = 0; i < 40; i++) {
      String first = textOf(post(CHAT, conversation("talk " + i)));
      String next =
          textOf(
              post(
                  CHAT,
                  conversation("talk " + i)
                      .replace("]}", ",{\"role\":\"user\",\"content\":\"more\"}]}")));
      assertThat(next).isEqualTo(first);
      servers.add(first);
    }
    assertThat(servers).hasSize(3);
  }

  @Test
  void shouldGoOnAtAnotherServerInTheSameAttemptWhereOneIsGoneOrBusy() {
    adopt(threeServers(null));
    candidate.close();
    second.does(Upstream.json(503, "{\"error\":{\"message\":\"loading\"}}"));

    for (int i = 0; i < 8; i++) {
      HttpResponse<String> response = post(CHAT, conversation("talk " + i));
      assertThat(textOf(response)).isEqualTo("from third");
      assertThat(header(response, "x-serin-variant")).isEqualTo("candidate");
    }

    assertThat(evidence.events(8))
        .as("one attempt each, and no failure that the client did not have")
        .allSatisfy(
            event -> {
              assertThat(event.getAttempt()).isEqualTo(1);
              assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
            });
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldLeaveAServerOutThatFailsAndTakeItBackOnceATrialGoesWell() throws Exception {
    adopt(threeServers(null));
    String mine = conversation("mine");
    String home = textOf(post(CHAT, mine));
    Upstream owner = home.contains("second") ? second : home.contains("third") ? third : candidate;
    Upstream.Behaviour well = Upstream.text(home);
    owner.does(Upstream.json(503, "{}"));

    for (int i = 0; i < 5; i++) {
      assertThat(textOf(post(CHAT, mine))).isNotEqualTo(home);
    }
    int asked = owner.received().size();
    assertThat(textOf(post(CHAT, mine))).isNotEqualTo(home);
    assertThat(owner.received()).as("not even asked while its breaker is open").hasSize(asked);
    assertThat(get(router.adminUrl() + "/metrics").body())
        .contains("serin_router_server_available{")
        .containsPattern("serin_router_server_available\\{[^}]*\\} 0.0");
    owner.does(well);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!textOf(post(CHAT, mine)).equals(home)) {
      assertThat(System.nanoTime()).as("taken back within ten seconds").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  @Test
  void shouldLeaveAServerOutWhoseHealthPathFailsThoughNobodyAskedIt() throws Exception {
    Command command = threeServers("/health");
    for (Upstream upstream : List.of(candidate, third)) {
      upstream.does(
          request ->
              (request.uri().equals("/health") ? Upstream.plain(200, "") : Upstream.text("well"))
                  .answer(request));
    }
    second.does(Upstream.plain(500, "ill"));
    adopt(command);

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    String origin = second.url().replace("/v1", "");
    while (!get(router.adminUrl() + "/metrics")
        .body()
        .contains(
            "serin_router_server_available{rollout=\"assistant\",server=\""
                + origin
                + "\",variant=\"candidate\"} 0.0")) {
      assertThat(System.nanoTime()).as("left out within 15 s").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }

    for (int i = 0; i < 12; i++) {
      assertThat(textOf(post(CHAT, conversation("talk " + i)))).isEqualTo("well");
    }
    assertThat(second.received())
        .allSatisfy(asked -> assertThat(asked.path()).isEqualTo("/health"));
    assertThat(second.received().getFirst().headers().contains("authorization")).isFalse();
  }

  @Test
  void shouldServeFromControlWhatIsOverACandidatesLimit() throws Exception {
    Command command = command(10_000);
    command.getVariants().get(1).setMaxConcurrency(1);
    adopt(command);
    BlockingQueue<HttpServerRequest> waiting = new LinkedBlockingQueue<>();
    candidate.does(waiting::add);
    CompletableFuture<HttpResponse<String>> first = async(body(false));
    HttpServerRequest held = waiting.poll(10, TimeUnit.SECONDS);

    assertThat(textOf(chat(false))).isEqualTo("from control");
    Upstream.text("at last").answer(held);

    assertThat(first.get(10, TimeUnit.SECONDS).body()).contains("at last");
    List<RequestEvent> events = evidence.events(2);
    assertThat(events.getFirst().getWhy()).isEqualTo(Why.LIMITED);
    assertThat(events.getFirst().getAssignedVariant()).isEqualTo("candidate");
    assertThat(events.getFirst().getServedVariant()).isEqualTo("control");
    candidate.does(Upstream.text("free again"));
    assertThat(textOf(chat(false))).isEqualTo("free again");
  }

  @Test
  void shouldAnswer429WithRetryAfterWhereControlIsAtItsLimitOrTheRouterAtIts() throws Exception {
    Command command = command(0);
    command.getVariants().getFirst().setMaxConcurrency(2);
    adopt(command);
    BlockingQueue<HttpServerRequest> waiting = new LinkedBlockingQueue<>();
    control.does(waiting::add);
    List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      held.add(async(body(false)));
    }
    List<HttpServerRequest> open = new ArrayList<>();
    while (open.size() < 2) {
      open.add(waiting.poll(10, TimeUnit.SECONDS));
    }

    HttpResponse<String> limited = chat(false);

    assertThat(limited.statusCode()).isEqualTo(429);
    assertThat(header(limited, "retry-after")).isEqualTo("1");
    assertThat(json(limited).at("/error/code").asText()).isEqualTo("rate_limit_exceeded");
    Command wider = command(0);
    adopt(wider);
    held.add(async(body(false)));
    open.add(waiting.poll(10, TimeUnit.SECONDS));
    HttpResponse<String> shed = chat(false);
    assertThat(shed.statusCode()).isEqualTo(429);
    assertThat(json(shed).at("/error/message").asText())
        .isEqualTo("Too many concurrent requests; retry later.");
    assertThat(get(router.adminUrl() + "/metrics").body())
        .contains("serin_router_requests_rejected_total{status=\"429\"} 2.0");
    open.forEach(Upstream.text("done")::answer);
    for (CompletableFuture<HttpResponse<String>> one : held) {
      assertThat(one.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
    control.does(Upstream.text("room again"));
    assertThat(textOf(chat(false))).isEqualTo("room again");
  }

  @Test
  void shouldNameTheVariantInTheCacheKeyWhereAsked() {
    Command command = command(10_000);
    command.getVariants().get(1).setCacheKey(true);
    adopt(command);

    post(CHAT, body(false));
    post(CHAT, body(false).replace("\"user\":", "\"prompt_cache_key\":\"mine\",\"user\":"));

    String unit = evidence.events(2).getFirst().getUnit();
    assertThat(json(candidate.received().get(0).body()).path("prompt_cache_key").asText())
        .isEqualTo("candidate:" + unit);
    assertThat(json(candidate.received().get(1).body()).path("prompt_cache_key").asText())
        .isEqualTo("candidate:mine");
  }

  @Test
  void shouldCallControlWithinTheClientsOwnPatience() {
    split(10_000);
    candidate.does(Upstream.hang());

    HttpResponse<String> response = post(CHAT, body(false), "x-stainless-timeout", "2");

    assertThat(textOf(response)).isEqualTo("from control");
    assertThat(evidence.events(2).getLast().getClientDurationMicros())
        .isBetween(900_000L, 2_000_000L);
  }

  private Command threeServers(@Nullable String healthPath) {
    Command command = command(10_000);
    command.getVariants().get(1).setMoreUrls(List.of(second.url(), third.url()));
    command.getVariants().get(1).setHealthPath(healthPath);
    return command;
  }

  private static String conversation(String text) {
    return "{\"model\":\"assistant\",\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + text
        + "\"}]}";
  }

  private CompletableFuture<HttpResponse<String>> async(String body) {
    return http.sendAsync(request(CHAT, body), HttpResponse.BodyHandlers.ofString());
  }
}
