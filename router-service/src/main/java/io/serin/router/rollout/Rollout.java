package io.serin.router.rollout;

import io.serin.router.assignment.Assigner;
import io.serin.router.assignment.Share;
import io.serin.router.assignment.Split;
import io.serin.router.assignment.UnitHasher;
import io.serin.router.assignment.UnitRule;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.VariantTarget;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One command made ready for use: checked, its split compiled, its variants resolved. Immutable and
 * thread-safe, as long as nobody changes the command.
 *
 * @param command the command as adopted; events take their context from it
 * @param assigner its assignment
 * @param variants by name
 * @param control the variant that serves whatever else fails
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
                .map(slice -> new Share(slice.getVariant(), slice.getFrom(), slice.getTo()))
                .toList());
    for (String owner : split.variants()) {
      if (!variants.containsKey(owner)) {
        throw new IllegalArgumentException(
            "split: '" + owner + "' is not one of the variants " + variants.keySet());
      }
    }
    check(command.getDeadlines());
    List<UnitRule> rules = command.getUnit().stream().map(UnitRule::parse).toList();
    return new Rollout(
        command,
        new Assigner(hasher, command.getSalt(), rules, split),
        Map.copyOf(variants),
        controls.getFirst());
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
    return assigner.split().variants().contains(variant);
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
