package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.rollout.Rollout;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Why;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdoptionTest extends RouterTestBase {

  @Override
  TripPolicy policy() {
    return TripPolicy.DEFAULT;
  }

  @Test
  void shouldMoveAttemptsWithoutAFirstByteToControlWhenTheirVariantIsRolledBack() throws Exception {
    split(10_000);
    CountDownLatch called = new CountDownLatch(2);
    candidate.does(request -> called.countDown());
    control.does(
        request ->
            (request.uri().contains("stream")
                    ? Upstream.stream("from control")
                    : Upstream.text("from control"))
                .answer(request));
    CompletableFuture<HttpResponse<String>> whole = async(request(CHAT, body(false)));
    CompletableFuture<HttpResponse<String>> stream = async(request(CHAT + "?stream", body(true)));
    assertThat(called.await(5, TimeUnit.SECONDS)).isTrue();

    split(0);

    assertThat(whole.get(15, TimeUnit.SECONDS).body()).contains("from control");
    assertThat(stream.get(15, TimeUnit.SECONDS).body())
        .contains("from control")
        .endsWith(Upstream.DONE);
    List<RequestEvent> events = evidence.events(4);
    assertThat(events)
        .filteredOn(event -> !event.getLast())
        .hasSize(2)
        .allSatisfy(
            event -> {
              assertThat(event.getServedVariant()).isEqualTo("candidate");
              assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.CANCELLED);
              assertThat(event.getClientOutcome()).isNull();
            });
    assertThat(events)
        .filteredOn(RequestEvent::getLast)
        .allSatisfy(
            event -> {
              assertThat(event.getWhy()).isEqualTo(Why.FALLBACK);
              assertThat(event.getServedVariant()).isEqualTo("control");
              assertThat(event.getRevision()).as("the revision that assigned it").isEqualTo(1);
              assertThat(event.getClientOutcome()).isEqualTo(Outcome.OK);
            });
    assertThat(candidate.sawReset()).isTrue();
  }

  @Test
  void shouldLetStartedStreamsFinishAfterARollback() throws Exception {
    split(10_000);
    CompletableFuture<HttpServerResponse> upstream = new CompletableFuture<>();
    candidate.does(
        request -> {
          HttpServerResponse response = Upstream.sse(request);
          response.write(Upstream.CHUNK.formatted("begun"));
          upstream.complete(response);
        });
    HttpResponse<InputStream> stream = open(request(CHAT, body(true)));

    split(0);
    upstream
        .get(15, TimeUnit.SECONDS)
        .end(Upstream.CHUNK.formatted("ended") + Upstream.STOP + Upstream.DONE);

    assertThat(new String(stream.body().readAllBytes(), StandardCharsets.UTF_8))
        .contains("begun", "ended")
        .endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(textOf(chat(false))).isEqualTo("from control");
  }

  @Test
  void shouldServeTheHighestRevisionWhateverOrderCommandsCome() {
    Command older = command(10_000);
    Command newer = command(0);

    adopt(newer);
    adopt(older);
    adopt(newer);

    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(evidence.events(1).getFirst().getRevision()).isEqualTo(newer.getRevision());
  }

  /** Azure's shape of the case: the update's candidate, and so its rollback's, is unservable. */
  @Test
  void shouldTakeTheCandidateOutByCommandsThatNameAnUnservableOne() {
    split(5_000);
    Command update = command(500);
    update.getVariants().get(1).setUrl("http://127.0.0.1:99999/v1");
    adopt(update);

    for (int i = 0; i < 20; i++) {
      assertThat(textOf(post(CHAT, body(false), "x-user-id", "user-" + i)))
          .isEqualTo("from control");
    }
    Command rollback = command(0);
    rollback.setState(RolloutState.ROLLED_BACK);
    rollback.getVariants().get(1).setUrl("http://127.0.0.1:99999/v1");
    adopt(rollback);

    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(tables.current().rollout("assistant"))
        .extracting(Rollout::revision)
        .isEqualTo(rollback.getRevision());
    assertThat(candidate.received()).isEmpty();
    assertThat(evidence.events(20))
        .filteredOn(event -> event.getAssignedVariant().equals("candidate"))
        .allSatisfy(event -> assertThat(event.getWhy()).isEqualTo(Why.TRIPPED));
  }

  @Test
  void shouldKeepTheLastGoodControlWhereALaterOneCannotBeServed() {
    split(10_000);
    Command broken = command(0);
    broken.getVariants().getFirst().setUrl("ftp://nowhere");

    adopt(broken);

    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(tables.refused())
        .singleElement()
        .satisfies(
            part -> {
              assertThat(part.getVariant()).isEqualTo("control");
              assertThat(part.getReason()).contains("variants.control.url", "ftp://nowhere");
            });
    assertThat(evidence.events(1).getFirst().getWhy())
        .as("a control that stands in enters no test")
        .isEqualTo(Why.TRIPPED);
  }

  @Test
  void shouldForceARolloutToControlFromTheAdminPortAndLiftIt() {
    split(10_000);

    assertThat(force("POST").statusCode()).isEqualTo(200);
    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(tables.forced()).containsExactly("assistant");
    assertThat(tables.trips()).as("a person's force is no vote of this router").isEmpty();
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getWhy()).isEqualTo(Why.TRIPPED);
    assertThat(event.getAssignedVariant()).isEqualTo("candidate");
    assertThat(event.getServedVariant()).isEqualTo("control");
    assertThat(force("DELETE").statusCode()).isEqualTo(200);
    assertThat(textOf(chat(false))).isEqualTo("from candidate");
    assertThat(send(admin("POST", "nobody")).statusCode()).isEqualTo(404);
  }

  @Test
  void shouldTripLocallyWhenACandidateFailsGrosslyAndStayTrippedUntilACommandClearsIt() {
    split(10_000);
    candidate.does(Upstream.json(500, "{}"));

    for (int i = 0; i < 12; i++) {
      assertThat(textOf(post(CHAT, body(false), "x-user-id", "user-" + i % 4)))
          .isEqualTo("from control");
    }

    assertThat(tables.trips()).containsExactly("assistant/candidate");
    assertThat(candidate.received()).hasSize(10);
    assertThat(evidence.events(22).getLast().getWhy()).isEqualTo(Why.TRIPPED);
    candidate.does(Upstream.text("well again"));
    split(10_000);
    assertThat(textOf(chat(false))).isEqualTo("from control");
    Command clearing = command(10_000);
    clearing.setClearsTrips(List.of("candidate"));
    adopt(clearing);
    assertThat(textOf(chat(false))).isEqualTo("well again");
    assertThat(tables.trips()).isEmpty();
  }

  private HttpResponse<String> force(String method) {
    return send(admin(method, "assistant"));
  }

  private HttpRequest admin(String method, String rollout) {
    return HttpRequest.newBuilder(URI.create(router.adminUrl() + "/admin/force-control/" + rollout))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build();
  }

  private CompletableFuture<HttpResponse<String>> async(HttpRequest request) {
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }
}
