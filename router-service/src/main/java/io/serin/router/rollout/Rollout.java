package io.serin.router.rollout;

import io.serin.rollout.assignment.Assigner;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.assignment.Split.Slice;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.rollout.assignment.UnitRule;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.VariantTarget;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * One command made ready for use: checked, its split compiled, its variants resolved. Immutable and
 * thread-safe, as long as nobody changes the command.
 *
 * @param command the command as adopted; events take their context from it
 * @param assigner its assignment
 * @param variants by name; of a retired run only those that own slots: the others may be switched
 *     off, and nothing is sent to them any more
 * @param control the variant that serves whatever else fails; of a retired run the one that took
 *     over
 */
public record Rollout(
    Command command, Assigner assigner, Map<String, Variant> variants, Variant control) {

  /**
   * Makes a command ready.
   *
   * @throws IllegalArgumentException naming field, value and rule, where the command cannot be
   *     served
   */
  public static Rollout of(Command command, UnitHasher hasher, Credentials credentials) {
    Map<String, Variant> variants = new LinkedHashMap<>();
    for (VariantTarget target : command.getVariants()) {
      if (variants.put(target.getName(), Variant.of(target, credentials)) != null) {
        throw new IllegalArgumentException("variants: '" + target.getName() + "' appears twice");
      }
    }
    List<Variant> controls = variants.values().stream().filter(Variant::control).toList();
    if (controls.size() != 1) {
      throw new IllegalArgumentException(
          "variants: " + controls.size() + " of role CONTROL, must be exactly 1");
    }
    Split split =
        new Split(
            command.getSplit().stream()
                .map(slice -> new Slice(slice.getVariant(), slice.getFrom(), slice.getTo()))
                .toList());
    for (String owner : split.variants()) {
      if (!variants.containsKey(owner)) {
        throw new IllegalArgumentException(
            "split: '" + owner + "' is not one of the variants " + variants.keySet());
      }
    }
    check(command.getDeadlines());
    List<UnitRule> rules = command.getUnit().stream().map(UnitRule::parse).toList();
    Assigner assigner = new Assigner(hasher, command.getSalt(), rules, split);
    Variant control = controls.getFirst();
    if (command.getState() == RolloutState.RETIRED) {
      variants.keySet().retainAll(split.variants());
      if (!variants.containsKey(control.name())) {
        control = largest(split, variants).baseline();
        variants.put(control.name(), control);
      }
    }
    return new Rollout(command, assigner, Map.copyOf(variants), control);
  }

  private static Variant largest(Split split, Map<String, Variant> variants) {
    Map<String, Integer> slots = new TreeMap<>();
    split.slices().forEach(s -> slots.merge(s.variant(), s.to() - s.from(), Integer::sum));
    String name = Collections.max(slots.entrySet(), Map.Entry.comparingByValue()).getKey();
    return Objects.requireNonNull(variants.get(name), "checked: every owner is a variant");
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

  private static void check(Deadlines deadlines) {
    positive("connect", deadlines.getConnect());
    positive("firstByte", deadlines.getFirstByte());
    positive("idle", deadlines.getIdle());
    positive("total", deadlines.getTotal());
  }

  private static void positive(String field, int millis) {
    if (millis <= 0) {
      throw new IllegalArgumentException(
          "deadlines." + field + ": " + millis + " ms, must be positive");
    }
  }
}
