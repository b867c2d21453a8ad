package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.serin.router.ports.RouterClock;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.VariantTarget;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Exceptions in the router itself: a candidate's attempt that meets one has failed and control
 * answers; in control's attempt the client gets a 502. Nothing that a request holds is lost.
 */
class FailedInsideTest extends RouterTestBase {

  /** Throws once, at a reading of the clock: a request reads it at each of its steps. */
  private static final class FaultyClock implements RouterClock {
    private final AtomicInteger readings = new AtomicInteger();

    /** Throws at that reading from now on, 1 is the next; 0 never. */
    void failAt(int reading) {
      readings.set(reading);
    }

    @Override
    public long epochMillis() {
      step();
      return System.currentTimeMillis();
    }

    @Override
    public long nanoTime() {
      step();
      return System.nanoTime();
    }

    private void step() {
      if (readings.get() > 0 && readings.decrementAndGet() == 0) {
        throw new IllegalStateException("injected");
      }
    }
  }

  /** What of a candidate's target no request can be sent to, or with. */
  private enum Unservable {
    PORT(target -> target.setUrl("http://127.0.0.1:99999/v1")),
    HEADER_NAME(target -> target.setHeaders(Map.of("x team", "a"))),
    HEADER_LINE_BREAK(target -> target.setHeaders(Map.of("x-team", "a\r\nx-other: b"))),
    HEADER_BEYOND_ASCII(target -> target.setHeaders(Map.of("x-team", "h\u00e9")));

    @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
    private final Consumer<VariantTarget> change;

    Unservable(Consumer<VariantTarget> change) {
      this.change = change;
    }
  }

  private final FaultyClock clock = new FaultyClock();

  @Override
  RouterClock clock() {
    return clock;
  }

  @Override
  TripPolicy policy() {
    return new TripPolicy(12, 10, 3);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void shouldLetControlAnswerWhateverStepOfTheCandidatesAttemptThrows(boolean stream) {
    control.does(stream ? Upstream.stream("from", " control") : Upstream.text("from control"));
    candidate.does(
        stream ? Upstream.stream("from", " candidate") : Upstream.text("from candidate"));
    int failedInside = 0;
    for (int step = 1; step <= 20; step++) {
      split(10_000);
      int before = evidence.eventsSoFar();
      clock.failAt(step);
      @Nullable HttpResponse<String> response = answer(stream);
      clock.failAt(0);
      nothingIsHeld();
      if (response == null) {
        theStreamWasCut();
        continue;
      }
      List<RequestEvent> events = evidence.events(before);
      List<RequestEvent> mine = events.subList(before, events.size());
      if (mine.isEmpty()) {
        // Before there is an attempt: the router's own error, in OpenAI's shape.
        assertThat(response.statusCode()).as("step %d", step).isEqualTo(500);
        assertThat(json(response).at("/error/code").asText()).isEqualTo("router_error");
      } else if (response.statusCode() == 200) {
        assertThat(mine.getLast().getLast()).as("step %d", step).isTrue();
        failedInside += mine.size() == 2 ? 1 : 0;
      } else {
        // Only where control's own attempt, or the record of the request, met the exception.
        assertThat(response.statusCode()).as("step %d", step).isEqualTo(502);
      }
      if (mine.size() == 2) {
        assertThat(response.statusCode()).as("step %d", step).isEqualTo(200);
        assertThat(response.body()).contains("control");
        assertThat(mine.getFirst().getServedVariant()).isEqualTo("candidate");
        assertThat(mine.getFirst().getMeasurement().getOutcome())
            .isIn(Outcome.CONNECT_ERROR, Outcome.CUT, Outcome.MALFORMED);
      }
    }
    assertThat(failedInside).as("steps at which control answered").isGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void shouldAnswer502AndRecordItWhateverStepOfControlsAttemptThrows(boolean stream) {
    control.does(stream ? Upstream.stream("from", " control") : Upstream.text("from control"));
    int bad = 0;
    for (int step = 1; step <= 20; step++) {
      split(0);
      int before = evidence.eventsSoFar();
      clock.failAt(step);
      @Nullable HttpResponse<String> response = answer(stream);
      clock.failAt(0);
      nothingIsHeld();
      if (response == null) {
        theStreamWasCut();
        continue;
      }
      List<RequestEvent> events = evidence.events(before);
      List<RequestEvent> mine = events.subList(before, events.size());
      assertThat(response.statusCode()).as("step %d", step).isIn(200, 500, 502);
      if (response.statusCode() == 502) {
        bad++;
        assertThat(mine).as("step %d", step).hasSize(1);
        assertThat(mine.getFirst().getLast()).isTrue();
        assertThat(mine.getFirst().getClientStatus()).isEqualTo(502);
        assertThat(json(response).at("/error/message").asText()).isNotEmpty();
      } else if (response.statusCode() == 500) {
        assertThat(mine).as("step %d", step).isEmpty();
      }
    }
    assertThat(bad).as("steps at which the client got a 502").isGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(Unservable.class)
  void shouldLetControlAnswerForACandidateThatCannotBeSentRequests(Unservable fault) {
    Command command = command(10_000);
    fault.change.accept(command.getVariants().get(1));
    adopt(command);

    for (int i = 0; i < 12; i++) {
      HttpResponse<String> response = post(CHAT, body(false).replace("ann", "user-" + i));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(textOf(response)).isEqualTo("from control");
    }

    post(CHAT, body(false).replace("ann", "someone"));
    List<RequestEvent> events = evidence.events(13);
    assertThat(events.getLast().getAttempt()).as("no attempt at the candidate").isEqualTo(1);
    assertThat(events.getLast().getServedVariant()).isEqualTo("control");
    assertThat(candidate.received()).isEmpty();
    nothingIsHeld();
  }

  @Test
  void shouldHoldNothingWhenTheClientIsAnsweredByControl() {
    candidate.does(Upstream.drop());
    split(10_000);

    assertThat(textOf(chat(false))).isEqualTo("from control");

    nothingIsHeld();
  }

  /** The answer; null where it is a stream that had begun, and was cut. */
  private @Nullable HttpResponse<String> answer(boolean stream) {
    try {
      return http.send(request(CHAT, body(stream)), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      assertThat(stream).as("only a stream is cut").isTrue();
      return null;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void theStreamWasCut() {
    RequestEvent last = evidence.events(1).getLast();
    assertThat(last.getLast()).isTrue();
    assertThat(last.getMeasurement().getOutcome()).isEqualTo(Outcome.CUT);
  }

  /** No request, permit, server call or ticket is under way. */
  private void nothingIsHeld() {
    await()
        .untilAsserted(
            () -> {
              assertThat(registry.get("serin.router.requests.in.flight").gauge().value()).isZero();
              assertThat(registry.find("serin.router.server.in.flight").gauges())
                  .extracting(Gauge::value)
                  .allMatch(value -> value == 0.0);
              assertThat(evidence.underWay()).isEmpty();
            });
  }
}
