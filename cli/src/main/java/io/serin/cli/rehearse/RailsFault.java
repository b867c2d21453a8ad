package io.serin.cli.rehearse;

import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A way to keep a rollback from happening, tried from outside: by a rollout file or by records on
 * Serin's topics.
 */
public enum RailsFault {
  /** The file is applied again with a candidate whose credential no router has. */
  UNSERVABLE("unservable"),
  /**
   * The file is applied again with so many comments that its command would exceed the broker's
   * limit.
   */
  OVERSIZED("oversized"),
  /** Evidence of the rollout with impossible numbers. */
  THROWING_JUDGE("throwing-judge"),
  /** Commands that nobody can act on, one of them of the rollout itself. */
  DEAD_TAIL("dead-tail"),
  /** Garbage, a null and a record of another type on every topic. */
  POISON("poison");

  private static final int OVERSIZED_BYTES = 3_000_000;

  private final String kind;

  RailsFault(String kind) {
    this.kind = kind;
  }

  /** As it is written on the command line. */
  String kind() {
    return kind;
  }

  public static List<String> kinds() {
    return Arrays.stream(values()).map(RailsFault::kind).toList();
  }

  public static Optional<RailsFault> of(String kind) {
    return Arrays.stream(values()).filter(fault -> fault.kind.equals(kind)).findFirst();
  }

  /**
   * Does the harm.
   *
   * @param yaml the rollout file as it is applied
   * @throws ControlException where the control API fails instead of refusing the file
   */
  public void inject(String rollout, String yaml, ControlClient control, HostileRecords records)
      throws ControlException, InterruptedException {
    switch (this) {
      case UNSERVABLE -> apply(control, unservable(yaml));
      case OVERSIZED -> apply(control, oversized(yaml));
      case THROWING_JUDGE -> records.impossibleEvidence(rollout);
      case DEAD_TAIL -> records.impossibleCommands(rollout);
      case POISON -> records.poison(rollout);
    }
  }

  static String unservable(String yaml) {
    return yaml.replaceFirst(
        "(?m)^(\\s+)(model: (?!control).*)$", "$1$2\n$1credential: env:SERIN_REHEARSAL_IS_NOT_SET");
  }

  static String oversized(String yaml) {
    return yaml + "\n# " + "x".repeat(OVERSIZED_BYTES) + "\n";
  }

  /** A file that is refused does no harm; an API that fails does. */
  private static void apply(ControlClient control, String yaml)
      throws ControlException, InterruptedException {
    try {
      var unused = control.apply(yaml, ControlClient.Ask.by("rehearsal", "rails"), true);
    } catch (ControlException e) {
      if (e.status() / 100 != 4) {
        throw e;
      }
    }
  }
}
