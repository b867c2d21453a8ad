package io.serin.worker.budget;

import io.serin.schemas.ShadowBudget;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout's replays have used, over every worker, and whether the budget allows more. Holds
 * committed sums, what is finished and not committed, and an estimate for what is under way, so
 * that the budget is passed by at most what other workers do between two looks at them.
 * Thread-safe.
 */
public final class Spending {
  /** The run's budget is used up. */
  public static final String BUDGET_OVER = "budget-over";

  /** The hour's budget is used up. */
  public static final String HOUR_OVER = "hourly-budget-over";

  private Totals own = Totals.NONE;
  private Totals others = Totals.NONE;
  private Spend uncommitted = Spend.NOTHING;
  private long underWay;

  /** The sums of this worker's partitions are these, some of what was uncommitted among them. */
  public synchronized void committed(Totals ownSums, Spend nowCommitted) {
    own = ownSums;
    uncommitted = uncommitted.minus(nowCommitted);
  }

  /** What the partitions of other workers came to, as last seen. */
  public synchronized void others(Totals sums) {
    others = sums;
  }

  /**
   * Takes a pair on, or says why not.
   *
   * @param hour since the epoch, UTC
   * @return null where the pair was taken on; {@link #done} must follow
   */
  public synchronized @Nullable String begin(String run, @Nullable ShadowBudget budget, long hour) {
    if (budget != null) {
      Totals all = sums(run);
      Spend used = all.used().plus(uncommitted);
      long pairs = all.outcomes().values().stream().mapToLong(Long::longValue).sum();
      double mean = pairs == 0 ? 0 : (double) underWay / pairs;
      if (over((double) budget.getRequests(), used.calls() + mean * all.used().calls())
          || over((double) budget.getTokens(), used.tokens() + mean * all.used().tokens())
          || over(budget.getSpend(), used.cost() + mean * all.used().cost())) {
        return BUDGET_OVER;
      }
      Spend inHour = all.inHour(hour).plus(uncommitted);
      if (over((double) budget.getRequestsPerHour(), inHour.calls() + mean * all.used().calls())
          || over((double) budget.getTokensPerHour(), inHour.tokens() + mean * all.used().tokens())
          || over(budget.getSpendPerHour(), inHour.cost() + mean * all.used().cost())) {
        return HOUR_OVER;
      }
    }
    underWay++;
    return null;
  }

  /** A pair that was taken on is over. */
  public synchronized void done(Spend used) {
    underWay--;
    uncommitted = uncommitted.plus(used);
  }

  /** A pair's result is not going to be committed by this worker: its partition is another's. */
  public synchronized void dropped(Spend used) {
    uncommitted = uncommitted.minus(used);
  }

  /** What is known of all workers, committed. */
  public synchronized Totals all() {
    return own.plus(others);
  }

  public synchronized Totals own() {
    return own;
  }

  private Totals sums(String run) {
    Totals mine = own.run().equals(run) ? own : Totals.NONE;
    return others.run().equals(run) ? mine.plus(others) : mine;
  }

  private static boolean over(double limit, double used) {
    return limit > 0 && used >= limit;
  }
}
