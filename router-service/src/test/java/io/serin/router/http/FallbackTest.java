package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.feedback.RequestId;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Users come first: whatever a candidate does before its first byte, control answers. */
class FallbackTest extends RouterTestBase {

  /** Ways for a candidate to fail before its first byte. */
  @SuppressWarnings("ImmutableEnumChecker") // A behaviour is a function without state.
  enum Failure {
    SERVER_ERROR(false, Upstream.json(500, "{\"error\":{\"message\":\"no\"}}"), Outcome.HTTP_ERROR),
    BAD_REQUEST(false, Upstream.json(400, "{\"error\":{\"message\":\"no\"}}"), Outcome.HTTP_ERROR),
    DROPPED_CONNECTION(false, Upstream.drop(), Outcome.CONNECT_ERROR),
    HANG(false, Upstream.hang(), Outcome.TIMEOUT),
    EMPTY_BODY(false, Upstream.plain(200, ""), Outcome.EMPTY),
    EMPTY_TEXT(false, Upstream.text(""), Outcome.EMPTY),
    NOT_JSON(false, Upstream.plain(200, "<html>"), Outcome.MALFORMED),
    NO_CHOICES(false, Upstream.json(200, "{\"ok\":true}"), Outcome.MALFORMED),
    STREAM_SERVER_ERROR(true, Upstream.json(503, "{}"), Outcome.HTTP_ERROR),
    STREAM_DROPPED(true, Upstream.drop(), Outcome.CONNECT_ERROR),
    STREAM_HANG(true, Upstream.hang(), Outcome.TIMEOUT),
    STREAM_HANG_AFTER_HEAD(true, Upstream.stallAfter(": thinking\n\n"), Outcome.TIMEOUT),
    STREAM_HANG_AFTER_ROLE(true, Upstream.stallAfter(Upstream.ROLE), Outcome.TIMEOUT),
    STREAM_EMPTY(true, Upstream.events(), Outcome.CUT),
    STREAM_EMPTY_BUT_DONE(
        true, Upstream.events(Upstream.ROLE, Upstream.STOP, Upstream.DONE), Outcome.EMPTY),
    STREAM_ERROR_EVENT(
        true, Upstream.events("data: {\"error\":{\"message\":\"overloaded\"}}\n\n"), Outcome.CUT),
    STREAM_CUT_AFTER_ROLE(true, Upstream.cutAfter(Upstream.ROLE), Outcome.CUT),
    STREAM_GARBAGE(true, Upstream.events("data: nonsense\n\n", Upstream.DONE), Outcome.MALFORMED),
    STREAM_NOT_STREAMED(true, Upstream.text("whole"), Outcome.MALFORMED);

    final boolean stream;
    final Upstream.Behaviour behaviour;
    final Outcome outcome;

    Failure(boolean stream, Upstream.Behaviour behaviour, Outcome outcome) {
      this.stream = stream;
      this.behaviour = behaviour;
      this.outcome = outcome;
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldServeControlWhereTheCandidateFailsBeforeItsFirstByte(Failure failure) {
    adopt(Commands.impatient(command(10_000)));
    candidate.does(failure.behaviour);
    control.does(failure.stream ? Upstream.stream("from control") : Upstream.text("from control"));

    HttpResponse<String> response = chat(failure.stream);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .contains("from control")
        .doesNotContain("error", "thinking", "overloaded");
    assertThat(header(response, "x-serin-variant")).isEqualTo("control");
    List<RequestEvent> events = evidence.events(2);
    RequestEvent failed = events.get(0);
    assertThat(failed.getAttempt()).isEqualTo(1);
    assertThat(failed.getLast()).isFalse();
    assertThat(failed.getServedVariant()).isEqualTo("candidate");
    assertThat(failed.getWhy()).isEqualTo(Why.ASSIGNED);
    assertThat(failed.getMeasurement().getOutcome()).isEqualTo(failure.outcome);
    assertThat(failed.getClientOutcome()).isNull();
    RequestEvent last = events.get(1);
    assertThat(last.getAttempt()).isEqualTo(2);
    assertThat(last.getLast()).isTrue();
    assertThat(last.getAssignedVariant()).isEqualTo("candidate");
    assertThat(last.getServedVariant()).isEqualTo("control");
    assertThat(last.getWhy()).isEqualTo(Why.FALLBACK);
    assertThat(last.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(last.getClientOutcome()).isEqualTo(Outcome.OK);
    assertThat(last.getClientDurationMicros())
        .isGreaterThan(last.getMeasurement().getDurationMicros());
    assertThat(failed.getRequestId())
        .isEqualTo(last.getRequestId())
        .isEqualTo(header(response, "x-request-id"));
    RequestId id = ids.read(last.getRequestId()).orElseThrow();
    assertThat(id.served()).isEqualTo("control");
    assertThat(id.assigned()).isEqualTo("candidate");
    assertThat(id.why()).isEqualTo("FALLBACK");
  }

  @Test
  void shouldServeControlWhereTheCandidateCannotBeReached() {
    candidate.close();
    split(10_000);

    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(evidence.events(2).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.CONNECT_ERROR);
  }

  @Test
  void shouldLeaveControlHalfOfTheTimeWhereTheFirstByteMayTakeAllOfIt() {
    Command command = command(10_000);
    command.getDeadlines().setFirstByte(60_000);
    command.getDeadlines().setTotal(3_000);
    adopt(command);
    candidate.does(Upstream.hang());

    assertThat(textOf(chat(false))).isEqualTo("from control");
    assertThat(evidence.events(2).getLast().getClientDurationMicros())
        .isBetween(1_400_000L, 3_000_000L);
  }

  @Test
  void shouldTellControlsErrorWhereBothFail() {
    split(10_000);
    candidate.does(Upstream.json(500, "{\"error\":{\"message\":\"candidate\"}}"));
    control.does(Upstream.json(503, "{\"error\":{\"message\":\"control\"}}"));

    HttpResponse<String> response = chat(false);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(json(response).at("/error/message").asText()).isEqualTo("control");
    assertThat(evidence.events(2).getLast().getClientOutcome()).isEqualTo(Outcome.HTTP_ERROR);
  }

  @Test
  void shouldPassAnEmptyAnswerOfControlAsItIs() {
    split(0);
    control.does(Upstream.events(Upstream.ROLE, Upstream.STOP, Upstream.DONE));

    HttpResponse<String> response = chat(true);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).endsWith(Upstream.DONE);
    assertThat(evidence.events(1).getFirst().getMeasurement().getOutcome())
        .isEqualTo(Outcome.EMPTY);
  }

  @Test
  void shouldAnswer502WhereControlsStreamIsCutBeforeItsFirstContent() {
    split(0);
    control.does(Upstream.cutAfter(Upstream.ROLE));

    HttpResponse<String> response = chat(true);

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(json(response).at("/error/code").asText()).isEqualTo("upstream_cut");
  }
}
