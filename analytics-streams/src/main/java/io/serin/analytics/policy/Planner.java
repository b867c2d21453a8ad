package io.serin.analytics.policy;

import io.serin.analytics.policy.Session.Current;
import io.serin.rollout.Guard;
import io.serin.rollout.Metric;
import io.serin.rollout.Stage;
import io.serin.rollout.Then;
import io.serin.rollout.Until;
import io.serin.rollout.assignment.Split;
import io.serin.statistics.Numerics;
import java.util.List;
import java.util.Map;

/**
 * Announces once a run how many requests an identical candidate is expected to need until it is
 * promoted, with the file's power: the units of each stage, and what every guard's promotion gate
 * gains from all of them together.
 */
final class Planner {
  /** Units of control before its rates and thresholds say enough. */
  private static final int FEWEST = 200;

  private final Session session;

  Planner(Session session) {
    this.session = session;
  }

  /** What one gate has gained from the stages before. */
  private static final class Gained {
    double mean;
    double variance;
  }

  void announce(Current in) {
    Status.Run run = in.run();
    if (run.planned > 0 || in.file().stages().getLast().until() == null) {
      return;
    }
    double most = 0;
    for (String candidate : in.served()) {
      if (in.gate().errors(candidate).totals().controlUnits() < FEWEST) {
        return;
      }
      most = Math.max(most, units(in, candidate));
    }
    if (most == 0 || Double.isInfinite(most)) {
      return;
    }
    run.planned = (long) Math.ceil(most);
    String first = in.served().getFirst();
    long seen = in.gate().errors(first).inStage(run.stage).units();
    double millis = most * Math.max(1, run.watched) / Math.max(1, seen);
    session.tell(
        in,
        Output.Told.Kind.PLANNED,
        "Planned: about "
            + Words.about(most)
            + " requests of new units until promotion, "
            + Words.duration(millis)
            + " at this rate, where the candidate is no worse; stages also last as long as they"
            + " say.",
        Map.of("requests", Long.toString(run.planned), "millis", Long.toString((long) millis)));
  }

  /** Units of this and all later stages; infinite where no number is enough. */
  static double units(Current in, String candidate) {
    List<NotWorse> parts = in.gate().of(candidate);
    Gained[] gained = new Gained[parts.size()];
    for (int i = 0; i < gained.length; i++) {
      gained[i] = new Gained();
    }
    double power = 1 - (1 - in.file().power()) / Math.max(1, parts.size());
    double total = 0;
    List<Stage> stages = in.file().stages();
    for (int s = in.run().stage; s < stages.size(); s++) {
      double share = share(stages.get(s), candidate);
      double needed = 0;
      if (share > 0 && stages.get(s).until() == Until.DETECTION) {
        needed = detection(in, candidate, share);
      } else if (share > 0 && stages.get(s).until() == Until.GATE) {
        for (int i = 0; i < gained.length; i++) {
          needed = Math.max(needed, needed(parts.get(i), gained[i], share, power));
        }
      }
      total += needed;
      for (int i = 0; i < gained.length && share > 0; i++) {
        Plans.Growth growth = parts.get(i).growth(share);
        gained[i].mean += needed * growth.mean();
        gained[i].variance += needed * growth.variance();
      }
    }
    return total;
  }

  private static double share(Stage stage, String candidate) {
    double own = stage.weights().getOrDefault(candidate, 0);
    double control = Split.SLOTS - stage.weights().values().stream().mapToInt(w -> w).sum();
    if (own == 0) {
      return 0;
    }
    return stage.full() ? 1 - (double) Stage.HOLDBACK / Split.SLOTS : own / (own + control);
  }

  private static double detection(Current in, String candidate, double share) {
    double rate = in.gate().errors(candidate).totals().controlRate();
    return in.file().guards().stream()
        .filter(guard -> guard.metric() == Metric.ERROR_RATE && guard.then() == Then.ROLLBACK)
        .findFirst()
        .map((Guard guard) -> DetectionGate.needed(in, candidate, guard, share, rate))
        .orElse(1.0);
  }

  /** Units at this share by which the gate has passed with this probability. */
  private static double needed(NotWorse part, Gained gained, double share, double power) {
    Plans.Growth growth = part.growth(share);
    double height = part.height(NotWorse.PASS);
    double z = Numerics.normalQuantile(power);
    double low = 0;
    double high = 1e9;
    if (reaches(growth, gained, 0, z, height)) {
      return 0;
    }
    if (!reaches(growth, gained, high, z, height)) {
      return Double.POSITIVE_INFINITY;
    }
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (reaches(growth, gained, middle, z, height)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  private static boolean reaches(
      Plans.Growth growth, Gained gained, double units, double z, double height) {
    double mean = gained.mean + units * growth.mean();
    double variance = gained.variance + units * growth.variance();
    return mean - z * Math.sqrt(variance) >= height;
  }
}
