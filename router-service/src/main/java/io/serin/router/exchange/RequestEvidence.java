package io.serin.router.exchange;

import io.serin.modelcalls.Authorization;
import io.serin.modelcalls.Fault;
import io.serin.router.attempt.AttemptReply;
import io.serin.router.conversation.Conversation;
import io.serin.router.http.Headers;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.Variant;
import io.serin.router.trip.SecondOpinions;
import io.serin.schemas.Excluded;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one request says about its variants: a record of each attempt, and a report to the local
 * trip. A candidate's attempt that may have failed through the client is held until control's
 * answer shows whose fault it was; {@link Fault} decides. Confined to its event loop.
 */
final class RequestEvidence {

  private static final Logger LOG = LoggerFactory.getLogger(RequestEvidence.class);

  /** A candidate's attempt that waits for control's answer to the same request. */
  private record Open(AttemptFacts attempt, AttemptReply reply, RequestEvent event, Fault fault) {}

  private final AskedRequest asked;
  private final EvidenceWriter writer;
  private final RolloutTables tables;
  private final SecondOpinions opinions;
  private final RequestTicket ticket;
  private final @Nullable Long shareMillis;
  private @Nullable Open open;
  private boolean ended;

  /** The evidence of a request that is about to be served by this attempt. */
  RequestEvidence(
      AskedRequest asked,
      AttemptFacts first,
      EvidenceWriter writer,
      RolloutTables tables,
      SecondOpinions opinions) {
    this.asked = asked;
    this.writer = writer;
    this.tables = tables;
    this.opinions = opinions;
    this.shareMillis = asked.shareMillis();
    this.ticket = writer.open(asked, first);
    if (!first.variant().control()) {
      opinions.earn(asked.facts().client().sender());
    }
  }

  /**
   * Whether control is asked after this reply of a candidate: always where the candidate failed,
   * within limits where the client's mistake is the likely cause.
   */
  boolean wantsControl(AttemptFacts attempt, AttemptReply reply) {
    if (!reply.failed()) {
      return false;
    }
    return fault(attempt, reply) != Fault.CLIENT_ERROR
        || opinions.spend(asked.facts().client().sender());
  }

  /** Whether a guard can want to know that the first attempt is still running. */
  boolean tellsProgress(AttemptFacts first) {
    return first.why() == Why.ASSIGNED
        && asked.facts().excluded() == null
        && asked.rollout().command().getSplit().size() > 1;
  }

  /** The first attempt is still running at a mark, in milliseconds. */
  void progress(AttemptFacts first, long mark, long ttftNanos) {
    writer.progress(asked, first, mark, ttftNanos);
  }

  /** An attempt ended that control's attempt follows. */
  void attempt(AttemptFacts attempt, AttemptReply reply) {
    Fault fault = fault(attempt, reply);
    RequestEvent event = writer.written(asked, attempt, reply);
    if (fault.isOpen() && reply.outcome() != Outcome.CANCELLED) {
      open = new Open(attempt, reply, event, fault);
    } else {
      event.setExcluded(asked.facts().excluded());
      writer.attempt(ticket, event, attempt);
      report(attempt, fault, null, reply);
    }
  }

  /** The last attempt ended: called before the last byte leaves. A second time has no effect. */
  void end(AttemptFacts attempt, AttemptReply reply, ClientEnd client) {
    if (ended) {
      return;
    }
    ended = true;
    Fault fault = fault(attempt, reply);
    Excluded why = attempt.variant().control() ? fault.ofControl() : fault.ofCandidate(null);
    report(attempt, fault, null, reply);
    Open waiting = open;
    if (waiting != null) {
      close(waiting, fault, reply);
    }
    tables.conversations().ended(conversation().number(), Outcomes.failed(client.outcome()));
    writer.end(ticket, asked, attempt, reply, client, excluded(why));
  }

  private void close(Open waiting, Fault control, AttemptReply reply) {
    if (waiting.fault() == Fault.CLIENT_ERROR && control == Fault.NONE) {
      opinions.giveBack(asked.facts().client().sender());
    }
    waiting.event().setExcluded(excluded(waiting.fault().ofCandidate(control)));
    waiting.event().setRequestId(waiting.attempt().requestId());
    writer.attempt(ticket, waiting.event(), waiting.attempt());
    report(waiting.attempt(), waiting.fault(), control, reply);
  }

  private @Nullable Excluded excluded(@Nullable Excluded byItsEnd) {
    Excluded ofRequest = asked.facts().excluded();
    return ofRequest == null ? byItsEnd : ofRequest;
  }

  private Conversation conversation() {
    return asked.choice().conversation();
  }

  private Fault fault(AttemptFacts attempt, AttemptReply reply) {
    Variant variant = attempt.variant();
    boolean withClientsKey =
        variant.authorization() instanceof Authorization.OfClient
            && Headers.CLIENT_KEYS.stream().anyMatch(asked.passing()::contains);
    return Fault.of(reply.end(), withClientsKey, shareMillis);
  }

  /**
   * Reports to the local trip. A moved or cancelled attempt says nothing about its variant; a
   * tester's is not evidence, nor is a turn of a conversation that began elsewhere.
   *
   * @param control control's fault for the same request; null where it was not asked or is asked
   * @param answer the attempt's reply, or control's where that is known
   */
  private void report(
      AttemptFacts attempt, Fault fault, @Nullable Fault control, AttemptReply answer) {
    if (attempt.overridden()
        || answer.outcome() == Outcome.CANCELLED
        || !conversation().isEvidence()) {
      return;
    }
    Rollout rollout = asked.rollout();
    try {
      if (attempt.variant().control()) {
        if (fault == Fault.NONE || fault == Fault.VARIANT) {
          tables.controlEnded(rollout, fault == Fault.VARIANT);
        }
        if (open == null && attempt.why() == Why.FALLBACK) {
          tables.judge(rollout, asked.choice().assigned().name());
        }
      } else if (fault == Fault.NONE || counts(fault, control, answer)) {
        tables.candidateEnded(
            rollout,
            attempt.variant().name(),
            asked.facts().tripUnit(),
            asked.facts().client().sender(),
            fault != Fault.NONE);
      }
    } catch (RuntimeException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("rollout", rollout.name())
          .addKeyValue("variant", attempt.variant().name())
          .addKeyValue("event", "trip-failed-inside")
          .log("an attempt could not be reported to the local trip");
    }
  }

  /**
   * Whether a failure counts for the trip. A candidate that missed the client's deadline counts
   * only where control answered in half of it: a hang, and never two models that are alike.
   */
  private boolean counts(Fault fault, @Nullable Fault control, AttemptReply answer) {
    return switch (fault) {
      case NONE, NOBODY -> false;
      case VARIANT -> true;
      case CLIENT_ERROR -> control == Fault.NONE;
      case CLIENT_DEADLINE ->
          control == Fault.NONE
              && shareMillis != null
              && 2 * answer.end().ttftNanos() <= TimeUnit.MILLISECONDS.toNanos(shareMillis);
    };
  }
}
