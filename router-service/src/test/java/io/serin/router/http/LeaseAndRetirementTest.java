package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaseAndRetirementTest extends RouterTestBase {

  @Test
  void shouldTellWhyControlServedWhereALeaseEnded() {
    Command leased = command(10_000);
    leased.setLeaseMillis(60_000);
    adopt(leased); // From disk: it was never read at the log's end.

    assertThat(textOf(chat(false))).isEqualTo("from control");

    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getWhy()).as("outside every test").isEqualTo(Why.LAPSED);
    assertThat(event.getAssignedVariant()).isEqualTo("candidate");
    assertThat(event.getServedVariant()).isEqualTo("control");
    leased.setIssuedAt(Instant.EPOCH.plusSeconds(1));
    tables.renewed(leased);
    assertThat(textOf(chat(false))).isEqualTo("from candidate");
  }

  @Test
  void shouldSendNothingToARetiredControl() {
    Command retired = command(10_000);
    retired.setState(RolloutState.RETIRED);
    adopt(retired);
    candidate.does(Upstream.json(500, "{\"error\":{\"message\":\"broken\"}}"));

    assertThat(chat(false).statusCode()).isEqualTo(500);
    assertThat(post(CHAT, body(false).replace("\"user\":\"ann\",", "")).statusCode())
        .as("a request without a unit")
        .isEqualTo(500);

    assertThat(control.received()).isEmpty();
    assertThat(candidate.received()).hasSize(2);
  }

  @Test
  void shouldNotFallBackToAControlThatWasRetiredMeanwhile() throws Exception {
    split(10_000);
    CountDownLatch called = new CountDownLatch(1);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    candidate.does(
        request -> {
          called.countDown();
          var unused = answer.thenRun(() -> request.response().setStatusCode(503).end());
        });
    CompletableFuture<Integer> status =
        CompletableFuture.supplyAsync(() -> chat(false).statusCode());
    assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

    Command retired = command(10_000);
    retired.setState(RolloutState.RETIRED);
    adopt(retired);
    answer.complete(null);

    assertThat(status.get(10, TimeUnit.SECONDS)).isEqualTo(503);
    assertThat(control.received()).isEmpty();
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.HTTP_ERROR);
  }
}
