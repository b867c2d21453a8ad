package io.serin.router.rollout;

import io.serin.modelcalls.Authorization;
import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.Assigner;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.rollout.assignment.UnitRule;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RefusedPart;
import io.serin.schemas.RolloutState;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads one command and makes a {@link Rollout} of every part of it that can be served. Never fails
 * as a whole: what takes share away must be obeyed, whatever else the command holds.
 *
 * <ul>
 *   <li>A candidate that cannot be served gets no request; control serves its slots.
 *   <li>Where control cannot be served, the last good control stays, and a candidate keeps only
 *       slots that the last good command of the same run gave it too.
 *   <li>Where there is no last good control, a control without its credential is called without it;
 *       of a promoted run the variant with most slots stands in for control. Otherwise nothing is
 *       served.
 * </ul>
 *
 * <p>Used once, by one thread.
 */
final class CommandReading {

  private static final Deadlines DEFAULTS = defaults();

  private final Command command;
  private final @Nullable Rollout lastGood;
  private final Credentials credentials;
  private final List<RefusedPart> refused = new ArrayList<>();
  private final Map<String, Variant> servable = new LinkedHashMap<>();

  /** The command's split as it is; null where it cannot be read. */
  private @Nullable Split commanded;

  /** Variants that lack nothing but their credential. */
  private final Map<String, Variant> withoutCredential = new HashMap<>();

  /**
   * @param lastGood the rollout as it was served with its own control; null before the first
   */
  CommandReading(Command command, @Nullable Rollout lastGood, Credentials credentials) {
    this.command = command;
    this.lastGood = lastGood;
    this.credentials = credentials;
  }

  /** What can be served; null where there is no control to serve anything. */
  @Nullable Rollout read(UnitHasher hasher) {
    String name = controlName();
    Split split = commandedSplit(name);
    if (command.getState() == RolloutState.RETIRED && !split.variants().contains(name)) {
      name = Splits.largest(split);
    }
    resolve(wanted(split, name), name);
    Variant own = servable.get(name);
    Variant control = own == null ? standIn(name, split) : own.baseline();
    if (control == null) {
      return null;
    }
    boolean standsIn = own == null && lastGood != null;
    if (standsIn) {
      Split earlier = sameRun() ? lastGood.assigner().split() : Split.all(name);
      split = Splits.within(split, name, earlier);
    }
    return rollout(hasher, split, control, standsIn);
  }

  /** The parts that cannot be served, in the order in which the command names them. */
  List<RefusedPart> refused() {
    return List.copyOf(refused);
  }

  /** The rollout served by the last good control alone, for a command that could not be read. */
  static Rollout controlAlone(Command command, Rollout lastGood, UnitHasher hasher) {
    CommandReading reading = new CommandReading(command, lastGood, new Credentials(Map.of()));
    Variant control = lastGood.control();
    return reading.rollout(hasher, Split.all(control.name()), control, true);
  }

  private Rollout rollout(UnitHasher hasher, Split split, Variant control, boolean standsIn) {
    Map<String, Variant> variants = new LinkedHashMap<>(servable);
    Set<String> unservable = new TreeSet<>();
    variants.put(control.name(), control);
    for (String owner : split.variants()) {
      if (!variants.containsKey(owner)) {
        unservable.add(owner);
      }
    }
    refused.stream()
        .map(RefusedPart::getVariant)
        .filter(variant -> variant != null && !variants.containsKey(variant))
        .forEach(unservable::add);
    unservable.forEach(variant -> variants.put(variant, control.standingInFor(variant, false)));
    Command effective = effective(split);
    return new Rollout(
        effective,
        new Assigner(hasher, command.getSalt(), unitRules(), split),
        Map.copyOf(variants),
        control,
        unservable,
        standsIn);
  }

  /** The command as it is served; the same object unless a part of it was refused. */
  private Command effective(Split split) {
    Deadlines deadlines = deadlines();
    boolean sameSplit = split.equals(commanded);
    if (sameSplit && deadlines == command.getDeadlines()) {
      return command;
    }
    return Command.newBuilder(command)
        .setSplit(sameSplit ? command.getSplit() : Splits.write(split))
        .setDeadlines(deadlines)
        .build();
  }

  private boolean sameRun() {
    return lastGood != null && lastGood.command().getRun().equals(command.getRun());
  }

  private String controlName() {
    List<String> controls =
        command.getVariants().stream()
            .filter(target -> target.getRole() == VariantRole.CONTROL)
            .map(VariantTarget::getName)
            .toList();
    if (controls.size() != 1) {
      refuse(null, "variants: " + controls.size() + " have the role CONTROL, must be exactly 1");
    }
    return controls.isEmpty() ? io.serin.rollout.Variant.CONTROL : controls.getFirst();
  }

  /** The command's split; all control's where it is malformed. */
  private Split commandedSplit(String control) {
    Split split;
    try {
      split = Splits.read(command.getSplit());
      commanded = split;
    } catch (IllegalArgumentException e) {
      refuse(null, String.valueOf(e.getMessage()));
      return Split.all(control);
    }
    Set<String> names = new TreeSet<>();
    command.getVariants().forEach(target -> names.add(target.getName()));
    names.add(control);
    for (String owner : split.variants()) {
      if (!names.contains(owner)) {
        refuse(owner, "split: '" + owner + "' is not one of the variants " + names);
      }
    }
    return split;
  }

  /** What must be servable: of a retired run only variants that own slots, others may be off. */
  private List<VariantTarget> wanted(Split split, String control) {
    if (command.getState() != RolloutState.RETIRED) {
      return command.getVariants();
    }
    Set<String> owners = split.variants();
    return command.getVariants().stream()
        .filter(t -> owners.contains(t.getName()) || t.getName().equals(control))
        .toList();
  }

  private void resolve(List<VariantTarget> targets, String control) {
    Set<String> seen = new TreeSet<>();
    for (VariantTarget target : targets) {
      String name = target.getName();
      if (!seen.add(name)) {
        refuse(name, "variants: '" + name + "' appears twice");
        servable.remove(name);
        continue;
      }
      if (target.getRole() == VariantRole.CONTROL && !name.equals(control)) {
        continue; // Refused already: one control only.
      }
      try {
        Variant variant = Variant.of(target, credentials);
        if (variant.authorization() instanceof Authorization.Unavailable missing) {
          refuse(name, "variants." + name + ".credential: " + missing.reason());
          withoutCredential.put(name, variant);
        } else {
          servable.put(name, variant);
        }
      } catch (RuntimeException e) {
        refuse(name, e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }
  }

  /** What serves in place of a control that cannot be served as commanded. */
  private @Nullable Variant standIn(String name, Split split) {
    if (lastGood != null) {
      return lastGood.control().standingInFor(name, true);
    }
    Variant bare = withoutCredential.get(name);
    if (bare != null) {
      return bare.baseline();
    }
    if (command.getState() == RolloutState.PROMOTED) {
      Variant promoted = servable.get(Splits.largest(split));
      return promoted == null ? null : promoted.standingInFor(name, true);
    }
    return null;
  }

  private List<UnitRule> unitRules() {
    List<UnitRule> rules = new ArrayList<>();
    for (String text : command.getUnit()) {
      try {
        rules.add(UnitRule.parse(text));
      } catch (IllegalArgumentException e) {
        refuse(null, String.valueOf(e.getMessage()));
      }
    }
    return rules;
  }

  private Deadlines deadlines() {
    Deadlines given = command.getDeadlines();
    Map<String, Integer> millis = new LinkedHashMap<>();
    millis.put("connect", given.getConnect());
    millis.put("firstByte", given.getFirstByte());
    millis.put("idle", given.getIdle());
    millis.put("total", given.getTotal());
    boolean valid = true;
    for (Map.Entry<String, Integer> deadline : millis.entrySet()) {
      if (deadline.getValue() <= 0) {
        valid = false;
        refuse(
            null,
            "deadlines."
                + deadline.getKey()
                + ": "
                + deadline.getValue()
                + " ms, must be positive; the default deadlines hold");
      }
    }
    return valid ? given : DEFAULTS;
  }

  private void refuse(@Nullable String variant, String reason) {
    refused.add(
        RefusedPart.newBuilder()
            .setRollout(command.getRollout())
            .setRevision(command.getRevision())
            .setVariant(variant)
            .setReason(reason)
            .build());
  }

  private static Deadlines defaults() {
    io.serin.rollout.Deadlines file = io.serin.rollout.Deadlines.DEFAULT;
    return Deadlines.newBuilder()
        .setConnect((int) file.connect().toMillis())
        .setFirstByte((int) file.firstByte().toMillis())
        .setIdle((int) file.idle().toMillis())
        .setTotal((int) file.total().toMillis())
        .build();
  }

  /** Orders refusals for heartbeats. */
  static final Comparator<RefusedPart> ORDER =
      Comparator.comparing(RefusedPart::getRollout)
          .thenComparing(part -> part.getVariant() == null ? "" : part.getVariant())
          .thenComparing(RefusedPart::getReason);
}
