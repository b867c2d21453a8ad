package io.serin.rollout.assignment;

/** The variant that a request belongs to, before anything has happened to it. */
public sealed interface Assignment {

  /**
   * By the unit's slot.
   *
   * @param unit the hashed unit
   * @param slot its slot, 0 … 9999
   * @param variant the slot's owner
   */
  record ByUnit(String unit, int slot, String variant) implements Assignment {}

  /** The request names no unit: control serves it, outside every test. */
  record NoUnit() implements Assignment {}
}
