package io.serin.router.rollout;

import io.serin.rollout.assignment.Assigner;
import io.serin.schemas.Command;
import java.util.Map;
import java.util.Set;

/**
 * One command made ready for use: its split compiled, its variants resolved, and what cannot be
 * served replaced by control. Immutable and thread-safe, provided that the command is not changed.
 *
 * @param command the command as served: where a part was refused, with the split that is in force.
 *     Events take their context from it
 * @param assigner its assignment
 * @param variants by name; of a retired run only those that own slots: the others may be switched
 *     off, and nothing is sent to them. An unservable one is control's double, which is never
 *     called under that name
 * @param control the variant that serves whatever else fails; of a retired run the one that took
 *     over
 * @param unservable candidates that get no request on this router: control serves their slots
 * @param controlStandsIn whether control is not the command's own but the last good one: its
 *     requests enter no test
 */
public record Rollout(
    Command command,
    Assigner assigner,
    Map<String, Variant> variants,
    Variant control,
    Set<String> unservable,
    boolean controlStandsIn) {

  /** Copies. */
  public Rollout {
    unservable = Set.copyOf(unservable);
  }

  /** What clients ask for as "model". */
  public String name() {
    return command.getRollout();
  }

  /** Grows with every command of the rollout. */
  public long revision() {
    return command.getRevision();
  }

  /** Whether the split gives the variant any slot. */
  public boolean gives(String variant) {
    return assigner.split().gives(variant);
  }

  /**
   * Whether a tester's token may reach the variant: control always, a candidate that owns slots of
   * a run that was not rolled back, or the only candidate of an active run's shadow stage. Of
   * several candidates without slots a command does not say which was rolled back: none is reached.
   */
  public boolean lendsToTesters(Variant variant) {
    if (variant.control()) {
      return true;
    }
    return switch (command.getState()) {
      case RUNNING, PAUSED -> gives(variant.name()) || inShadowStage();
      case FROZEN, PROMOTED -> gives(variant.name());
      case ROLLED_BACK, ABORTED, RETIRED, FAILED, UNKNOWN -> false;
    };
  }

  private boolean inShadowStage() {
    return command.getShadow() != null
        && variants.size() == 2
        && assigner.split().variants().equals(Set.of(control.name()));
  }
}
