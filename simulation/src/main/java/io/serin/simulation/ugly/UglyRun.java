package io.serin.simulation.ugly;

import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.WaitingMarks;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.simulation.decider.DrivenRollout;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * One run of a rollout on a stream: requests begin under the split of their time and are heard of
 * at {@link WaitingMarks} while they run and when they end, in virtual time.
 */
final class UglyRun {
  private static final long TOKENS = 100;

  /**
   * How far a run goes.
   *
   * @param requests at most
   * @param time at most
   * @param wakes how often the controller's clock wakes it
   */
  record Length(long requests, Duration time, Duration wakes) {}

  /**
   * A request under way.
   *
   * @param at when it is heard of next
   * @param mark milliseconds that it has run by then; 0 at its end
   */
  private record Flight(
      long at,
      long mark,
      long began,
      long number,
      DrivenRollout.Begun begun,
      UnitHistory history,
      Stream.Answer answer) {

    /** As it is heard of after this mark. */
    Flight after(long passed) {
      long next = passed == 0 ? WaitingMarks.FIRST : WaitingMarks.after(passed);
      return next < answer.millis()
          ? new Flight(began + next, next, began, number, begun, history, answer)
          : new Flight(
              began + Math.max(1, answer.millis()), 0, began, number, begun, history, answer);
    }
  }

  private final DrivenRollout rollout;
  private final Stream.Source source;
  private final Stream stream;
  private final Length length;
  private final double alpha;
  private final Others others;
  private final Map<Integer, UnitHistory> histories = new HashMap<>();
  private final Map<Integer, Long> counted = new HashMap<>();
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          (a, b) -> a.at == b.at ? Long.compare(a.number, b.number) : Long.compare(a.at, b.at));
  private final boolean[] candidates = new boolean[Split.SLOTS];
  private double share;
  private double information;
  private long faultBegan = -1;
  private double limit = Double.POSITIVE_INFINITY;

  UglyRun(String file, double alpha, Stream.Source source, Length length, SplittableRandom random) {
    this.rollout = new DrivenRollout(file, length.wakes);
    this.source = source;
    this.stream = source.open(random);
    this.length = length;
    this.alpha = alpha;
    this.others = new Others(source.quantile(0.95));
  }

  Ending run() {
    long asked = 0;
    long ended = -1;
    long endedAt = 0;
    long at = 0;
    Stream.Ask ask = stream.next();
    while (ask != null && asked < length.requests && ask.at() <= length.time.toMillis()) {
      if (ended < 0) {
        land(ask.at());
        rollout.passUntil(ask.at());
        if (!rollout.active()) {
          ended = asked;
          endedAt = ask.at();
        }
      }
      if (ended >= 0 && others.allFired()) {
        break;
      }
      asked++;
      at = ask.at();
      ask(ask, asked, ended < 0);
      ask = stream.next();
    }
    if (ended < 0) {
      land(length.time.toMillis());
      ended = asked;
      endedAt = at;
    }
    long from = Math.max(0, faultBegan);
    long needed = ended - from;
    return new Ending(
        rollout.phase(),
        rollout.firedBy(),
        needed,
        endedAt - source.fault().from().toMillis(),
        Double.isInfinite(limit) && information > 0
            ? needed * -Math.log(alpha) / information
            : limit,
        rollout.told(EventKind.NO_DATA),
        rollout.phase() == RolloutState.PROMOTED && ended <= rollout.announcedRequests(),
        others.fired());
  }

  private void ask(Stream.Ask ask, long number, boolean live) {
    if (live && number % 16 == 1) {
      look();
    }
    boolean candidate =
        live ? rollout.variant(ask.slot()).equals("candidate") : candidates[ask.slot()];
    Stream.Answer answer = stream.answer(ask, candidate);
    if (faultBegan < 0 && ask.at() >= source.fault().from().toMillis()) {
      faultBegan = number - 1;
    }
    others.see(ask.at(), number - Math.max(0, faultBegan), candidate, answer);
    if (source.fault().any() && faultBegan >= 0 && Double.isInfinite(limit)) {
      long before = stream.returning() ? counted.merge(ask.user(), 1L, Long::sum) - 1 : 0;
      information +=
          source.information(share, before + 1)
              - (before == 0 ? 0 : source.information(share, before));
      if (information >= -Math.log(alpha)) {
        limit = number - faultBegan;
      }
    }
    if (live) {
      flights.add(
          new Flight(
                  ask.at(),
                  0,
                  ask.at(),
                  number,
                  rollout.begin("u" + ask.user(), ask.slot()),
                  history(ask.user()),
                  answer)
              .after(0));
    }
  }

  /** The split as it is now, for the limit and for what the others see after the end. */
  private void look() {
    int own = 0;
    for (int slot = 0; slot < candidates.length; slot++) {
      candidates[slot] = rollout.variant(slot).equals("candidate");
      own += candidates[slot] ? 1 : 0;
    }
    share = (double) own / candidates.length;
  }

  private UnitHistory history(int user) {
    return stream.returning()
        ? histories.computeIfAbsent(user, added -> new UnitHistory())
        : new UnitHistory();
  }

  /** Hears until then of what is under way. */
  private void land(long until) {
    while (!flights.isEmpty() && flights.peek().at <= until && rollout.active()) {
      Flight flight = flights.poll();
      rollout.passUntil(flight.at);
      Stream.Answer answer = flight.answer;
      DrivenRollout.Measured measured =
          new DrivenRollout.Measured(
              answer.end(),
              false,
              answer.firstMillis() == null ? null : Long.valueOf(1_000 * answer.firstMillis()),
              answer.millis() * 1_000,
              TOKENS,
              answer.cachedTokens());
      if (flight.mark > 0) {
        Duration waited = Duration.ofMillis(flight.mark);
        rollout.running(flight.begun, flight.history, waited, measured);
        flights.add(flight.after(flight.mark));
        continue;
      }
      rollout.end(flight.begun, flight.history, measured);
      Boolean bad = answer.bad();
      if (bad != null && answer.end() == Observation.End.OK && rollout.active()) {
        rollout.rate(flight.begun, flight.history, bad);
      }
    }
  }
}
