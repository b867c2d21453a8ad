package io.serin.router.trip;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches the attempts of one rollout on this router and says when a candidate fails so grossly
 * that no statistics are needed: {@link TripPolicy}, while control is clearly well over the same
 * time. Both failing is no reason to trip: the cause lies elsewhere.
 *
 * <p>The same time is that of the candidate's window: control's attempts since the oldest attempt
 * in it, fallbacks for the candidate's failures among them. Control is clearly well if there is one
 * at least, at most a tenth of them failed, and at most {@value #MAY_FAIL} of its last {@value
 * #KNOWN} attempts. A partial outage of both therefore trips in about 1 % of cases at most
 * (LocalTripOutageTest). Thread-safe; state is bounded by the window.
 */
public final class LocalTrip {

  /** Control's attempts that make its health known, and how many of them may have failed. */
  private static final int KNOWN = 20;

  private static final int MAY_FAIL = 2;

  /** A candidate's attempts by which it is known who asks it. */
  private static final int RECENT = 100;

  private record Counts(long attempts, long failures) {
    Counts plus(boolean failed) {
      return new Counts(attempts + 1, failures + (failed ? 1 : 0));
    }

    Counts since(Counts earlier) {
      return new Counts(attempts - earlier.attempts, failures - earlier.failures);
    }
  }

  /**
   * A candidate's attempt.
   *
   * @param control control's counts when it ended
   */
  private record Attempt(String unit, String sender, boolean failed, Counts control) {}

  /** A candidate's newest attempts, and the senders of more of them. */
  private record Candidate(Deque<Attempt> attempts, Deque<String> senders) {}

  private final TripPolicy policy;
  private final Map<String, Candidate> candidates = new HashMap<>();
  private final Deque<Boolean> controlFailures = new ArrayDeque<>();
  private Counts control = new Counts(0, 0);

  /** Starts without memory of any attempt. */
  public LocalTrip(TripPolicy policy) {
    this.policy = policy;
  }

  /** Control answered or failed an attempt. */
  public synchronized void controlEnded(boolean failed) {
    control = control.plus(failed);
    remember(controlFailures, failed, KNOWN);
  }

  /**
   * A candidate answered or failed an attempt.
   *
   * @param sender the client key or address that named the unit
   * @return whether the variant must be removed now; its window is then emptied
   */
  public synchronized boolean candidateEnded(
      String variant, String unit, String sender, boolean failed) {
    Candidate candidate =
        candidates.computeIfAbsent(
            variant, name -> new Candidate(new ArrayDeque<>(), new ArrayDeque<>()));
    remember(candidate.attempts(), new Attempt(unit, sender, failed, control), policy.window());
    remember(candidate.senders(), sender, RECENT);
    return failed && judge(variant, candidate);
  }

  /**
   * Judges a candidate again once control's answer to the same request is known.
   *
   * @return whether the variant must be removed now; its window is then emptied
   */
  public synchronized boolean judge(String variant) {
    Candidate candidate = candidates.get(variant);
    return candidate != null && judge(variant, candidate);
  }

  /** Forgets the attempts of a variant: a command cleared its trip, or a new run began. */
  public synchronized void forget(String variant) {
    candidates.remove(variant);
  }

  private boolean judge(String variant, Candidate candidate) {
    Deque<Attempt> attempts = candidate.attempts();
    List<Attempt> failed = attempts.stream().filter(Attempt::failed).toList();
    if (failed.size() < policy.failures()
        || failed.stream().map(Attempt::unit).distinct().count() < policy.units()
        || failsForOneSenderOfMany(failed, candidate.senders())
        || !controlIsWell(control.since(attempts.getFirst().control()))) {
      return false;
    }
    candidates.remove(variant);
    return true;
  }

  /**
   * One sender alone takes no candidate out that mostly others ask: it may send what breaks it, and
   * its units are what it says they are.
   */
  private static boolean failsForOneSenderOfMany(List<Attempt> failed, Deque<String> senders) {
    String one = failed.getFirst().sender();
    return failed.stream().allMatch(attempt -> attempt.sender().equals(one))
        && 2 * senders.stream().filter(one::equals).count() < senders.size();
  }

  private boolean controlIsWell(Counts meanwhile) {
    return meanwhile.attempts() > 0
        && 10 * meanwhile.failures() <= meanwhile.attempts()
        && controlFailures.stream().filter(failed -> failed).count() <= MAY_FAIL;
  }

  private static <T> void remember(Deque<T> last, T value, int most) {
    if (last.size() == most) {
      last.removeFirst();
    }
    last.addLast(value);
  }
}
