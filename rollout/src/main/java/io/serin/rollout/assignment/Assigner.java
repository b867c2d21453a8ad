package io.serin.rollout.assignment;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The assignment of one command: a pure function of (deployment salt, salt, unit rules, split) and
 * the request. Immutable and thread-safe.
 */
public final class Assigner {

  private static final Assignment NO_UNIT = new Assignment.NoUnit();

  private final UnitHasher hasher;
  private final String salt;
  private final List<UnitRule> rules;
  private final Split split;

  /**
   * @param hasher hashes what leaves the router
   * @param salt the run's salt
   * @param rules tried in order; the first that yields a value names the unit
   * @param split who owns which slot
   */
  public Assigner(UnitHasher hasher, String salt, List<UnitRule> rules, Split split) {
    this.hasher = hasher;
    this.salt = salt;
    this.rules = List.copyOf(rules);
    this.split = split;
  }

  /** The variant of a request. */
  public Assignment assign(UnitSource request) {
    String value = unitValue(request);
    if (value == null) {
      return NO_UNIT;
    }
    String unit = hasher.unitOf(value);
    int slot = Slots.of(salt, unit);
    return new Assignment.ByUnit(unit, slot, split.ownerOf(slot));
  }

  /** Who owns which slot. */
  public Split split() {
    return split;
  }

  private @Nullable String unitValue(UnitSource request) {
    for (UnitRule rule : rules) {
      String value = rule.read(request);
      if (value != null) {
        return value;
      }
    }
    return null;
  }
}
