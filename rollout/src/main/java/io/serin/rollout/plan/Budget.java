package io.serin.rollout.plan;

import io.serin.rollout.Guard;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.rollout.Then;
import io.serin.statistics.sequential.ErrorBudget;
import java.util.List;

/**
 * The error budget of a file: which part of α each guard has, and so at which evidence it fires.
 * Judge and planner both read it here.
 *
 * @param rollbacks guards that roll back share α, less what a shadow stage takes
 * @param others guards that flag or investigate share {@link #SIGNAL}
 */
public record Budget(ErrorBudget rollbacks, ErrorBudget others) {
  /** Level at which a rollback guard freezes the ramp, and at which flags fire. */
  public static final double SIGNAL = 0.05;

  /** Part of α that the shadow stages of a file have for their pairs. */
  public static final double SHADOW_SHARE = 0.1;

  public static Budget of(RolloutFile file) {
    int candidates = file.candidates().size();
    double alpha =
        file.stages().stream().anyMatch(Stage::shadow)
            ? (1 - SHADOW_SHARE) * file.alpha()
            : file.alpha();
    return new Budget(
        ErrorBudget.of(alpha, metrics(file, true), candidates),
        ErrorBudget.of(SIGNAL, 0, metrics(file, false), candidates));
  }

  /** The budget that this guard has a part of. */
  public ErrorBudget of(Guard guard) {
    return guard.then() == Then.ROLLBACK ? rollbacks : others;
  }

  /** ln(1/(α·w)): the guard fires at ln E ≥ this. */
  public double threshold(Guard guard) {
    return of(guard).threshold(guard.metric().text());
  }

  /** ln E at which the guard freezes the ramp: never above {@link #threshold}. */
  public double signal(Guard guard) {
    double fire = threshold(guard);
    return guard.then() == Then.ROLLBACK
        ? Math.min(fire, rollbacks.threshold(guard.metric().text(), SIGNAL))
        : fire;
  }

  private static List<String> metrics(RolloutFile file, boolean rollBack) {
    return file.guards().stream()
        .filter(guard -> (guard.then() == Then.ROLLBACK) == rollBack)
        .map(guard -> guard.metric().text())
        .toList();
  }
}
