package io.serin.router.http;

import io.serin.router.ports.Evidence;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Evidence that keeps what it is told, and checks that tickets are used as promised. */
final class EvidenceInMemory implements Evidence {

  private boolean full;
  private final Map<Long, RequestEvent> open = new HashMap<>();
  private final List<RequestEvent> events = new ArrayList<>();
  private final List<FeedbackEvent> feedback = new ArrayList<>();
  private final List<CapturedPayload> payloads = new ArrayList<>();
  private final List<ProgressEvent> progress = new ArrayList<>();
  private final List<String> mistakes = new ArrayList<>();
  private long tickets;

  @Override
  public synchronized long begin(RequestEvent ifRouterDies) {
    open.put(++tickets, ifRouterDies);
    return tickets;
  }

  @Override
  public synchronized void attempt(long ticket, RequestEvent event) {
    if (!open.containsKey(ticket) || event.getLast()) {
      mistakes.add("attempt " + ticket);
    }
    events.add(event);
    notifyAll();
  }

  @Override
  public synchronized void end(long ticket, RequestEvent last) {
    if (open.remove(ticket) == null || !last.getLast()) {
      mistakes.add("end " + ticket);
    }
    events.add(last);
    notifyAll();
  }

  @Override
  public synchronized void progress(ProgressEvent event) {
    progress.add(event);
    notifyAll();
  }

  /** What was said of attempts still running, once there is that much. */
  synchronized List<ProgressEvent> progress(int count) {
    await(() -> progress.size() >= count);
    return List.copyOf(progress);
  }

  @Override
  public synchronized boolean feedback(FeedbackEvent event) {
    if (full) {
      return false;
    }
    feedback.add(event);
    notifyAll();
    return true;
  }

  /** Takes no more feedback, as a journal that is half full. */
  synchronized void fill() {
    full = true;
  }

  @Override
  public synchronized void payload(CapturedPayload payload) {
    payloads.add(payload);
    notifyAll();
  }

  /** The events, once there are that many. */
  synchronized List<RequestEvent> events(int count) {
    await(() -> events.size() >= count);
    return List.copyOf(events);
  }

  /** The feedback, once there is that much. */
  synchronized List<FeedbackEvent> feedback(int count) {
    await(() -> feedback.size() >= count);
    return List.copyOf(feedback);
  }

  /** The payloads, once there are that many. */
  synchronized List<CapturedPayload> payloads(int count) {
    await(() -> payloads.size() >= count);
    return List.copyOf(payloads);
  }

  synchronized int progressSoFar() {
    return progress.size();
  }

  synchronized int eventsSoFar() {
    return events.size();
  }

  /** What would be told should the router die now. */
  synchronized List<RequestEvent> underWay() {
    return List.copyOf(open.values());
  }

  synchronized List<String> mistakes() {
    return List.copyOf(mistakes);
  }

  private void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    try {
      while (!condition.getAsBoolean()) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("not told within 10 s; events so far: " + events);
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
