package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An attempt that is still running is recorded at each mark, once, and its end says of which. */
class ProgressTest extends RouterTestBase {

  @Test
  void shouldRecordEachMarkOnceWhileTheCandidateHangsAndNoneAfter() {
    adopt(DeadlinesTest.deadlines(command(9_999), 1_000, 2_500, 20_000, 60_000));
    candidate.does(Upstream.hang());

    assertThat(textOf(chat(false))).isEqualTo("from control");

    List<RequestEvent> attempts = evidence.events(2);
    List<ProgressEvent> marks = evidence.progress(2);
    assertThat(marks).extracting(ProgressEvent::getWaitedMillis).containsExactly(1_000L, 2_000L);
    RequestEvent hung = attempts.getFirst();
    for (ProgressEvent mark : marks) {
      assertThat(mark.getUnit()).isEqualTo(hung.getUnit());
      assertThat(mark.getStartedAt()).isEqualTo(hung.getStartedAt());
      assertThat(mark.getAssignedVariant()).isEqualTo("candidate");
      assertThat(mark.getSplit()).isEqualTo(hung.getSplit());
      assertThat(mark.getTtftMicros()).as("nothing came").isNull();
      assertThat(mark.getRequestId())
          .as("the attempt is recorded under the id of control's answer")
          .isEqualTo(hung.getProgressId())
          .isNotEqualTo(hung.getRequestId());
    }
    assertThat(attempts.getLast().getProgressId()).isNull();
  }

  @Test
  void shouldRecordTheFirstByteOfAStreamThatIsStillRunning() {
    adopt(DeadlinesTest.deadlines(command(9_999), 1_000, 20_000, 1_300, 60_000));
    candidate.does(Upstream.stallAfter(Upstream.CHUNK.formatted("slow")));

    Raw.answer(router, CHAT, body(true));

    ProgressEvent mark = evidence.progress(1).getFirst();
    RequestEvent end = evidence.events(1).getFirst();
    assertThat(mark.getRequestId()).isEqualTo(end.getRequestId());
    assertThat(mark.getTtftMicros()).isEqualTo(end.getClientTtftMicros());
  }

  @Test
  void shouldRecordNothingOfFastAttempts() {
    adopt(command(9_999));

    chat(false);

    evidence.events(1);
    assertThat(evidence.progressSoFar()).isZero();
  }
}
