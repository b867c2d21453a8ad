package io.serin.router.exchange;

import io.serin.router.attempt.AttemptReply;
import io.serin.router.capture.CaptureSample;
import io.serin.router.capture.PayloadCapture;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.Evidence;
import io.serin.schemas.Excluded;
import io.serin.schemas.RequestEvent;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves what happened: each attempt as a record, a count and, where asked for, a log event; a
 * captured request as a payload. What cannot be measured is recorded without its measurements:
 * nothing here fails a request.
 */
final class EvidenceWriter {

  private static final Logger LOG = LoggerFactory.getLogger(EvidenceWriter.class);

  private final Records records;
  private final Evidence evidence;
  private final RouterMetrics metrics;
  private final PayloadCapture capture;
  private final CaptureSample sample;
  private final boolean logRequests;

  EvidenceWriter(Records records, DataPlane plane) {
    this.records = records;
    this.evidence = plane.evidence();
    this.metrics = plane.metrics();
    this.capture = plane.capture();
    this.sample = new CaptureSample(plane.settings().maxCapturedBytes());
    this.logRequests = plane.settings().api().logRequests();
  }

  /** A request is about to be served. */
  RequestTicket open(AskedRequest asked, AttemptFacts first) {
    RequestEvent ifRouterDies = records.routerDied(asked, first);
    return new RequestTicket(evidence.begin(ifRouterDies), ifRouterDies);
  }

  /** The record of an attempt that another follows, as it is now. */
  RequestEvent written(AskedRequest asked, AttemptFacts attempt, AttemptReply reply) {
    return recorded(reply, read -> records.attempt(asked, attempt, read));
  }

  /** An attempt ended that another follows. */
  void attempt(RequestTicket ticket, RequestEvent event, AttemptFacts attempt) {
    count(event, attempt);
    evidence.attempt(ticket.number(), event);
  }

  /** The first attempt is still running at a mark, in milliseconds. */
  void progress(AskedRequest asked, AttemptFacts first, long mark, long ttftNanos) {
    guarded(() -> evidence.progress(records.progress(asked, first, mark, ttftNanos)));
  }

  /** The last attempt ended: called before the last byte leaves. */
  void end(
      RequestTicket ticket,
      AskedRequest asked,
      AttemptFacts attempt,
      AttemptReply reply,
      ClientEnd client,
      @Nullable Excluded excluded) {
    RequestEvent event;
    try {
      event = recorded(reply, read -> records.last(asked, attempt, read, client));
    } catch (RuntimeException e) {
      failedInside(e);
      event = ticket.ifRouterDies();
    }
    event.setExcluded(excluded);
    count(event, attempt);
    evidence.end(ticket.number(), event);
    if (asked.facts().captured()) {
      guarded(
          () ->
              capture.submit(
                  records.payload(asked, attempt, reply, sample.maxBytes(asked.rollout())),
                  asked.rollout().command()));
    }
  }

  /** The attempt's record; without what its answer said, if that cannot be measured. */
  private static RequestEvent recorded(
      AttemptReply reply, Function<AttemptReply, RequestEvent> write) {
    try {
      return write.apply(reply);
    } catch (RuntimeException e) {
      failedInside(e);
      return write.apply(reply.unread());
    }
  }

  private void count(RequestEvent event, AttemptFacts attempt) {
    guarded(
        () -> {
          metrics.attempt(event, attempt.variant().model());
          if (logRequests) {
            RequestLog.write(event);
          }
        });
  }

  private static void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      failedInside(e);
    }
  }

  /** Says that evidence could not be written as it should. */
  private static void failedInside(RuntimeException failure) {
    LOG.atError()
        .setCause(failure)
        .addKeyValue("event", "evidence-failed-inside")
        .log("evidence of a request could not be written as it should");
  }
}
