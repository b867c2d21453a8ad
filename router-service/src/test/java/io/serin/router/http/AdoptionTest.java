package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

  @Test
  void shouldKeepTheEarlierCommandWhereALaterOneCannotBeServed() {
    split(10_000);
    Command broken = command(0);
    broken.getVariants().getFirst().setUrl("ftp://nowhere");

    assertThatThrownBy(() -> adopt(broken))
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("variants.control.url")
        .hasMessageContaining("ftp://nowhere");
    assertThat(textOf(chat(false))).isEqualTo("from candidate");
  }

  @Test
  void shouldForceARolloutToControlFromTheAdminPortAndLiftIt() {
    split(10_000);

    assertThat(force("POST").statusCode()).isEqualTo(200);
    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(tables.trips()).containsExactly("assistant/candidate");
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
