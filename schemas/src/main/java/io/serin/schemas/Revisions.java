package io.serin.schemas;

/**
 * Which revisions of commands count. A revision grows by one with each command, so that a number
 * beyond {@link #GREATEST} was not counted by a controller; and a router that obeyed the greatest
 * {@code long} could obey nothing after it. Records with such a revision are skipped as unreadable:
 * docs/decisions/0068-plausible-revisions.md.
 */
public final class Revisions {
  /** 2<sup>40</sup>: a thousand commands a second for 34 years. */
  public static final long GREATEST = 1L << 40;

  private Revisions() {}

  /** Whether a controller may have counted so far; 0 stands for no command. */
  public static boolean plausible(long revision) {
    return revision >= 0 && revision <= GREATEST;
  }

  /** Whether every revision that the record names is plausible; true for records without one. */
  public static boolean allPlausible(Object record) {
    return switch (record) {
      case Command command -> plausible(command.getRevision());
      case RouterAck ack -> ack.getRevisions().values().stream().allMatch(Revisions::plausible);
      default -> true;
    };
  }
}
