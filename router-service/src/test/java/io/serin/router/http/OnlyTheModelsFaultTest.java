package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Excluded;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evidence is what a model did: not a client's mistakes, limits or impatience. */
class OnlyTheModelsFaultTest extends RouterTestBase {

  private static final Upstream.Behaviour REFUSES =
      Upstream.json(400, "{\"error\":{\"message\":\"max_tokens is too large\"}}");

  @Override
  TripPolicy policy() {
    return TripPolicy.DEFAULT;
  }

  @Test
  void shouldBlameNobodyForAMistakeThatBothRefuse() {
    candidate.does(REFUSES);
    control.does(REFUSES);
    split(10_000);

    for (int i = 0; i < 40; i++) {
      assertThat(ask("user-" + i).statusCode()).isEqualTo(400);
    }

    assertThat(tables.trips()).isEmpty();
    int asked = control.received().size();
    assertThat(asked).as("a burst of mistakes does not double control's load").isBetween(1, 10);
    assertThat(evidence.events(40 + asked))
        .filteredOn(event -> event.getAttempt() == 1)
        .hasSize(40)
        .allMatch(event -> event.getExcluded() == Excluded.CLIENT_ERROR);
  }

  @Test
  void shouldBlameNobodyForAMistakeThatControlRefuses() {
    control.does(REFUSES);
    split(0);

    ask("ann");

    RequestEvent only = evidence.events(1).getFirst();
    assertThat(only.getMeasurement().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(only.getExcluded()).isEqualTo(Excluded.CLIENT_ERROR);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 413, 422})
  void shouldServeWhatOnlyTheCandidateRefusesAndTakeItOut(int status) {
    candidate.does(Upstream.json(status, "{\"error\":{\"message\":\"no\"}}"));
    split(10_000);

    for (int i = 0; i < 12; i++) {
      assertThat(textOf(ask("user-" + i))).isEqualTo("from control");
    }

    assertThat(tables.trips()).containsExactly("assistant/candidate");
    List<RequestEvent> events = evidence.events(20);
    assertThat(events.getFirst().getServedVariant()).isEqualTo("candidate");
    assertThat(events.getFirst().getExcluded()).isNull();
    assertThat(events.getFirst().getRequestId()).isEqualTo(events.get(1).getRequestId());
  }

  @Test
  void shouldNotTakeControlForIllWhereItsClientsMakeMistakes() {
    candidate.does(Upstream.json(500, "{}"));
    control.does(
        request ->
            (request.getHeader("x-mistake") == null ? Upstream.text("fine") : REFUSES)
                .answer(request));
    split(0);
    for (int i = 0; i < 20; i++) {
      post(CHAT, body(false).replace("ann", "user-" + i), "x-mistake", "yes");
    }
    split(10_000);

    for (int i = 0; i < 12; i++) {
      ask("user-" + i);
    }

    assertThat(tables.trips()).containsExactly("assistant/candidate");
  }

  @Test
  void shouldNotBlameACandidateThatIsAsFastAsControlForAnImpatientClient() {
    candidate.does(after(300, Upstream.text("from candidate")));
    control.does(after(300, Upstream.text("from control")));
    split(5_000);

    for (int i = 0; i < 24; i++) {
      assertThat(ask("user-" + i, "x-stainless-timeout", "0.5").statusCode()).isEqualTo(200);
    }

    assertThat(tables.trips()).isEmpty();
    await().until(() -> evidence.underWay().isEmpty());
    assertThat(evidence.events(24))
        .filteredOn(event -> event.getAttempt() == 1)
        .allMatch(event -> event.getExcluded() == Excluded.CLIENT_DEADLINE)
        .anyMatch(event -> event.getServedVariant().equals("candidate"))
        .anyMatch(event -> event.getServedVariant().equals("control"));
  }

  @Test
  void shouldTakeOutACandidateThatHangsThoughItsClientsAreImpatient() {
    candidate.does(Upstream.hang());
    split(10_000);

    for (int i = 0; i < 12; i++) {
      assertThat(textOf(ask("user-" + i, "x-stainless-timeout", "0.4"))).isEqualTo("from control");
    }

    assertThat(tables.trips()).containsExactly("assistant/candidate");
  }

  @Test
  void shouldBlameNobodyForTheLimitOfTheClientsOwnKey() {
    Upstream.Behaviour limited = Upstream.json(429, "{\"error\":{\"message\":\"slow down\"}}");
    candidate.does(limited);
    control.does(limited);
    split(10_000);

    ask("ann", "authorization", "Bearer sk-clients-own");

    assertThat(evidence.events(2).getFirst().getExcluded()).isEqualTo(Excluded.CLIENT_ERROR);
  }

  private HttpResponse<String> ask(String user, String... headers) {
    return post(CHAT, body(false).replace("ann", user), headers);
  }

  private Upstream.Behaviour after(long millis, Upstream.Behaviour answer) {
    return (HttpServerRequest request) -> vertx.setTimer(millis, late -> answer.answer(request));
  }
}
