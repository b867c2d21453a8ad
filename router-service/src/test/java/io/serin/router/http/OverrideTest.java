package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.exchange.ApiSettings;
import io.serin.router.feedback.OverrideToken;
import io.serin.router.feedback.RequestIds;
import io.serin.router.feedback.ResponseId;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Why;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tester's token on real sockets. */
class OverrideTest extends RouterTestBase {

  private static final String HEADER = "x-serin-variant-token";

  @Override
  TripPolicy policy() {
    return new TripPolicy(2, 2, 1);
  }

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant", Set.of(), 0, 0, false, Set.of(), ApiSettings.SenderLimits.NONE, Http2.DEFAULT);
  }

  @Test
  void shouldServeTheTokensVariantAndMarkTheRequest() {
    split(1);

    HttpResponse<String> response = withToken(token("assistant", "candidate"));

    assertThat(textOf(response)).isEqualTo("from candidate");
    assertThat(header(response, "x-serin-variant")).isEqualTo("candidate");
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getWhy()).isEqualTo(Why.OVERRIDE);
    assertThat(event.getAssignedVariant()).isEqualTo("control");
    assertThat(event.getServedVariant()).isEqualTo("candidate");
    assertThat(candidate.received().getFirst().headers().contains(HEADER)).isFalse();
  }

  @Test
  void shouldServeControlToATesterOfTheCandidatesShare() {
    split(10_000);

    assertThat(textOf(withToken(token("assistant", "control")))).isEqualTo("from control");
    assertThat(evidence.events(1).getFirst().getWhy()).isEqualTo(Why.OVERRIDE);
  }

  @Test
  void shouldTakeTheTokenOutOfTheCookiesThatPass() {
    split(1);

    HttpResponse<String> response =
        post(
            CHAT,
            body(false),
            "cookie",
            "a=1; serin-variant=" + token("assistant", "candidate") + "; b=2");

    assertThat(textOf(response)).isEqualTo("from candidate");
    assertThat(candidate.received().getFirst().headers().getAll("cookie"))
        .containsExactly("a=1; b=2");
  }

  @Test
  void shouldSendNoCookieHeaderWhereOnlyTheTokenWasInIt() {
    split(1);

    post(CHAT, body(false), "cookie", "serin-variant=" + token("assistant", "candidate"));

    assertThat(candidate.received().getFirst().headers().contains("cookie")).isFalse();
  }

  @Test
  void shouldReachTheCandidateOfAShadowStageWithoutCapturingTheRequest() {
    adopt(Commands.withShadow(command(0), 10_000));

    assertThat(textOf(withToken(token("assistant", "candidate")))).isEqualTo("from candidate");
    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(evidence.payloads(1))
        .extracting(CapturedPayload::getServedVariant)
        .containsExactly("control");
  }

  @Test
  void shouldNotReachOneOfSeveralCandidatesThatOwnNoSlots() {
    Command command = Commands.withShadow(command(0), 10_000);
    command
        .getVariants()
        .add(
            VariantTarget.newBuilder()
                .setName("third")
                .setRole(VariantRole.CANDIDATE)
                .setUrl(candidate.url())
                .setModel("m")
                .setHeaders(Map.of())
                .build());
    adopt(command);

    refused(withToken(token("assistant", "candidate")), 403, "no share of the traffic");
  }

  @Test
  void shouldNotReachAVariantWithoutSlots() {
    split(0);

    refused(withToken(token("assistant", "candidate")), 403, "no share of the traffic");
  }

  @ParameterizedTest
  @EnumSource(names = {"ROLLED_BACK", "ABORTED"})
  void shouldNotReachAVariantOfARunThatIsOver(RolloutState state) {
    Command command = Commands.withShadow(command(0), 10_000);
    command.setState(state);
    adopt(command);

    refused(withToken(token("assistant", "candidate")), 403, "no share of the traffic");
  }

  @Test
  void shouldNotReachARetiredVariant() {
    Command command = command(0);
    command.setState(RolloutState.RETIRED);
    adopt(command);

    refused(withToken(token("assistant", "candidate")), 403, "has retired");
  }

  @Test
  void shouldNotReachATrippedVariant() {
    split(10_000);
    candidate.does(Upstream.json(500, "{}"));
    chat(false);
    chat(false);
    evidence.events(4);
    candidate.does(Upstream.text("from candidate"));

    HttpResponse<String> response = withToken(token("assistant", "candidate"));
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (response.statusCode() == 200 && System.nanoTime() < deadline) {
      response = withToken(token("assistant", "candidate")); // Until every loop knows of the trip.
    }
    refused(response, 403, "taken out of traffic");
  }

  @Test
  void shouldShowTheVariantsOwnFailureAndTripNothing() {
    split(10_000);
    candidate.does(Upstream.json(500, "{}"));

    for (int i = 0; i < 4; i++) {
      HttpResponse<String> response = withToken(token("assistant", "candidate"));
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(header(response, "x-serin-variant")).isEqualTo("candidate");
    }

    assertThat(evidence.events(4))
        .allMatch(event -> event.getWhy() == Why.OVERRIDE && event.getLast());
    assertThat(control.received()).isEmpty();
    assertThat(tables.current().trips()).isEmpty();
  }

  @Test
  void shouldAnswer403WhereTheVariantIsRolledBackBeforeItsFirstByte() throws Exception {
    split(10_000);
    CountDownLatch arrived = new CountDownLatch(1);
    candidate.does((HttpServerRequest request) -> arrived.countDown());
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(
            request(CHAT, body(false), HEADER, token("assistant", "candidate")),
            HttpResponse.BodyHandlers.ofString());
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();

    split(0);

    refused(answer.get(10, TimeUnit.SECONDS), 403, "just taken out of traffic");
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.CANCELLED);
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldKeepAnAttemptInAShadowStageThroughARenewal() throws Exception {
    adopt(Commands.withShadow(command(0), 0));
    CountDownLatch arrived = new CountDownLatch(1);
    CompletableFuture<HttpServerRequest> held = new CompletableFuture<>();
    candidate.does(
        request -> {
          held.complete(request);
          arrived.countDown();
        });
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(
            request(CHAT, body(false), HEADER, token("assistant", "candidate")),
            HttpResponse.BodyHandlers.ofString());
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();

    adopt(Commands.withShadow(command(0), 0));
    vertx.runOnContext(none -> Upstream.text("late").answer(held.join()));

    assertThat(textOf(answer.get(10, TimeUnit.SECONDS))).isEqualTo("late");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "candidate", "svt_", "svt_***", "svt_AAAA", "req_AAAA"})
  void shouldAnswer400ForWhatIsNoToken(String text) {
    split(10_000);

    refused(withToken(text), 400, "malformed");
    refused(post(CHAT, body(false), "cookie", "serin-variant=" + text), 400, "malformed");
  }

  @Test
  void shouldAnswer400ForTwoTokens() {
    split(10_000);
    String token = token("assistant", "candidate");

    refused(post(CHAT, body(false), HEADER, token, HEADER, token), 400, "at most 1");
  }

  @Test
  void shouldAnswer403ForATokenThatAnotherKeySigned() {
    split(10_000);
    RequestIds others =
        new RequestIds(List.of("another key of 16".getBytes(StandardCharsets.UTF_8)));

    refused(
        withToken(
            others
                .overrides()
                .write(new OverrideToken("assistant", "candidate", Instant.now().plusSeconds(60)))),
        403,
        "not signed");
  }

  @Test
  void shouldAnswer403ForATokenThatWasChanged() {
    split(10_000);
    String token = token("assistant", "candidate");
    char sixth = token.charAt(12);

    refused(
        withToken(token.substring(0, 12) + (sixth == 'A' ? 'B' : 'A') + token.substring(13)),
        403,
        "not signed");
  }

  @Test
  void shouldAnswer403ForAnExpiredTokenAForeignOneAndAnUnknownVariant() {
    split(10_000);

    refused(
        withToken(
            ids.overrides()
                .write(new OverrideToken("assistant", "candidate", Instant.now().minusMillis(1)))),
        403,
        "expired at");
    refused(withToken(token("other", "candidate")), 403, "is for the model 'other'");
    refused(withToken(token("assistant", "nobody")), 403, "is for 'nobody'");
  }

  @Test
  void shouldRefuseToContinueWhatAnotherVariantStored() {
    split(10_000);
    String stored =
        ids.responses()
            .write(new ResponseId("assistant", "control", "http://127.0.0.1:1", "resp-1"), "");

    HttpResponse<String> response =
        post(
            "/v1/responses",
            "{\"model\":\"assistant\",\"input\":\"hi\",\"previous_response_id\":\""
                + stored
                + "\"}",
            HEADER,
            token("assistant", "candidate"));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/param").asText()).isEqualTo("previous_response_id");
  }

  @Test
  void shouldAnswer400WhereNoVariantServesThePath() {
    split(10_000);

    refused(
        post("/v1/audio/speech", "{}", HEADER, token("assistant", "candidate")),
        400,
        "no variant serves this path");
  }

  private HttpResponse<String> withToken(String token) {
    return post(CHAT, body(false), HEADER, token);
  }

  private String token(String rollout, String variant) {
    return ids.overrides()
        .write(new OverrideToken(rollout, variant, Instant.now().plus(Duration.ofHours(1))));
  }

  /** The error's shape, its reason, and that nobody served the request. */
  private void refused(HttpResponse<String> response, int status, String reason) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(json(response).at("/error/message").asText()).contains(reason);
    assertThat(json(response).at("/error/param").asText()).isEqualTo(HEADER);
    assertThat(json(response).at("/error/code").asText())
        .isEqualTo(status == 400 ? "invalid_variant_token" : "variant_token_refused");
  }
}
