package io.serin.router.rollout;

import io.serin.schemas.Command;
import io.serin.schemas.RolloutState;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long this router may go on serving candidates without its controller. A lease runs from the
 * moment at which a renewal was read at the log's end, on the monotonic clock: what a record or the
 * wall clock says changes nothing. A renewal is a command that was not read before, its revision
 * repeated or not; reading an old one again, after a reconnect or a restart, renews nothing.
 *
 * <p>Only active runs are bound: one that is promoted, rolled back, aborted or retired serves what
 * it serves, however long the controller is silent. A command that was read from disk alone has no
 * lease: a router that cannot ask whether its candidate is still wanted serves control.
 *
 * <p>Not thread-safe.
 */
final class Leases {

  private record Renewal(String command, long nanos) {}

  private final LongSupplier nanoTime;
  private final Map<String, Renewal> renewals = new HashMap<>();

  /** The command under which a lease ran out, by rollout: kept over a restart. */
  private final Map<String, String> ranOut;

  /**
   * @param nanoTime the monotonic clock
   * @param ranOut the commands under which leases had run out before this start, by rollout
   */
  Leases(LongSupplier nanoTime, Map<String, String> ranOut) {
    this.nanoTime = nanoTime;
    this.ranOut = new HashMap<>(ranOut);
  }

  /** A command was read at the log's end. */
  void renewed(Command command) {
    String id = id(command);
    Renewal last = renewals.get(command.getRollout());
    if (id.equals(ranOut.get(command.getRollout()))
        || (last != null && last.command().equals(id))) {
      return;
    }
    ranOut.remove(command.getRollout());
    renewals.put(command.getRollout(), new Renewal(id, nanoTime.getAsLong()));
  }

  /** Whether the command's candidates may not be served any longer. */
  boolean ended(Command command) {
    if (command.getLeaseMillis() <= 0 || !binds(command.getState())) {
      return false;
    }
    Renewal last = renewals.get(command.getRollout());
    if (last == null) {
      return true;
    }
    long lease = TimeUnit.MILLISECONDS.toNanos(command.getLeaseMillis());
    if (nanoTime.getAsLong() - last.nanos() < lease) {
      return false;
    }
    ranOut.put(command.getRollout(), last.command());
    return true;
  }

  /** The commands under which leases ran out, by rollout. */
  Map<String, String> ranOut() {
    return Map.copyOf(ranOut);
  }

  private static boolean binds(RolloutState state) {
    return switch (state) {
      case RUNNING, PAUSED, FROZEN, UNKNOWN -> true;
      case ROLLED_BACK, PROMOTED, ABORTED, RETIRED, FAILED -> false;
    };
  }

  /** Tells one record from another: a renewal repeats the revision at a later time. */
  private static String id(Command command) {
    return command.getRun()
        + "/"
        + command.getRevision()
        + "@"
        + command.getIssuedAt().toEpochMilli();
  }
}
