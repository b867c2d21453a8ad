package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.analytics.gates.Format;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.MissingData;
import io.serin.rollout.Variant;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether served candidates give evidence, and what follows where they do not.
 *
 * <p>Silence is no evidence of a fault by itself: nights are quiet, and users who return give
 * evidence ever more rarely. A candidate's evidence is missing where as much time and as many
 * requests have passed in which it was expected: by what control gave meanwhile, at the ratio of
 * their shares; or, where control is silent too, by control's own past ({@link ControlTraffic}).
 * Until something is expected nobody is told and nothing is taken out, but no stage ends either.
 */
final class EvidenceFreshness {
  private final Session session;
  private final Rollbacks rollbacks;

  EvidenceFreshness(Session session, Rollbacks rollbacks) {
    this.session = session;
    this.rollbacks = rollbacks;
  }

  /**
   * Requests expected and not seen that are too many for chance: e⁻¹⁰ where they are independent.
   */
  private static final double EXPECTED = 10;

  /** Control's newest first requests that are looked at, and how few say anything. */
  private static final int NEWEST = 20;

  private static final int FEWEST = 10;

  void observe(Current in, Observation observation) {
    Status.Evidence seen = evidence(in, observation.variant());
    if (observation.variant().equals(Variant.CONTROL)) {
      if (observation.first() && !observation.running()) {
        seen.failures = seen.failures << 1 | (observation.end() == Observation.End.FAILED ? 1 : 0);
        seen.outcomes = Math.min(NEWEST, seen.outcomes + 1);
      }
      seen.arrivedAt = session.now();
      in.run().controlTraffic.saw(session.now());
      for (String candidate : in.served()) {
        double control = in.run().split.weight(Variant.CONTROL);
        evidence(in, candidate).expected += in.run().split.weight(candidate) / control;
      }
      return;
    }
    seen.expected = 0;
    seen.arrivedAt = session.now();
    seen.happenedAt = Math.max(seen.happenedAt, observation.eventTime());
    if (seen.told && missing(in, observation.variant()).isEmpty()) {
      seen.told = false;
    }
  }

  /**
   * What is missing of a candidate now, though it was expected, as a clause; empty where nothing
   * is.
   */
  private String missing(Current in, String candidate) {
    double expected =
        Math.max(evidence(in, candidate).expected, in.run().controlTraffic.expected(session.now()));
    boolean neverAny = in.run().controlTraffic.none();
    String stale = stale(in, candidate);
    return silent(in, candidate) && expected < EXPECTED && !neverAny ? "" : stale;
  }

  private boolean silent(Current in, String candidate) {
    return quiet(in, candidate) >= in.file().missingData().after().toMillis();
  }

  private long quiet(Current in, String candidate) {
    return session.now() - Math.max(evidence(in, candidate).arrivedAt, in.run().stageSince);
  }

  /** What is old of a candidate's evidence, as a clause; empty where it is fresh. */
  String stale(Current in, String candidate) {
    if (in.run().split.weight(candidate) == 0) {
      return "";
    }
    long after = in.file().missingData().after().toMillis();
    Status.Evidence seen = evidence(in, candidate);
    if (silent(in, candidate)) {
      return "no request of "
          + candidate
          + " has been seen for "
          + Format.duration(quiet(in, candidate));
    }
    long late = seen.happenedAt == 0 ? 0 : seen.arrivedAt - seen.happenedAt;
    if (late >= after) {
      return "the newest evidence on "
          + candidate
          + " came "
          + Format.duration(late)
          + " late: routers or Kafka are behind";
    }
    return "";
  }

  /** Does once what the file says for a candidate without evidence. */
  void check(Current in) {
    for (String candidate : in.served()) {
      String missing = missing(in, candidate);
      Status.Evidence seen = evidence(in, candidate);
      if (missing.isEmpty() || seen.told) {
        continue;
      }
      seen.told = true;
      MissingData.Then then = in.file().missingData().then();
      Map<String, String> details = new TreeMap<>();
      details.put("candidate", candidate);
      details.put("reason", missing);
      details.put("then", then.name().toLowerCase(java.util.Locale.ROOT));
      String sentence =
          missing.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + missing.substring(1);
      session.tell(in, EventKind.NO_DATA, sentence + ". Missing data is never a pass.", details);
      switch (then) {
        case HOLD -> {
          // The stage does not end while evidence is missing: see Stages.
        }
        case PAUSE -> pause(in, missing);
        case ROLLBACK ->
            rollbacks.rollBack(
                in, candidate, "missing data rolled back", null, missing, 0, details);
      }
      if (!in.active()) {
        return;
      }
    }
  }

  private void pause(Current in, String missing) {
    if (in.run().phase == RolloutState.PAUSED) {
      return;
    }
    in.run().phase = RolloutState.PAUSED;
    session.order(in, "paused: " + missing, null);
    session.tell(
        in,
        EventKind.PAUSED,
        "Paused: " + missing + ". A person resumes.",
        Map.of("reason", missing));
  }

  /**
   * Whether control itself fails, as a clause; empty if it does not. Where half of control's newest
   * requests fail, nothing can be compared with it and no stage begins.
   */
  String outage(Current in) {
    Status.Evidence seen = evidence(in, Variant.CONTROL);
    int failed = Long.bitCount(seen.failures & ((1L << NEWEST) - 1) & ((1L << seen.outcomes) - 1));
    return seen.outcomes >= FEWEST && 2 * failed >= seen.outcomes
        ? "control fails too: " + failed + " of its newest " + seen.outcomes + " requests failed"
        : "";
  }

  /** All that is old, as one clause; empty where nothing is. */
  String stale(Current in) {
    List<String> missing = new ArrayList<>();
    for (String candidate : in.served()) {
      String clause = stale(in, candidate);
      if (!clause.isEmpty()) {
        missing.add(clause);
      }
    }
    return String.join("; ", missing);
  }

  private static Status.Evidence evidence(Current in, String candidate) {
    return in.run().evidence.computeIfAbsent(candidate, c -> new Status.Evidence());
  }
}
