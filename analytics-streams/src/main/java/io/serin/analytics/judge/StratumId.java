package io.serin.analytics.judge;

import io.serin.statistics.sequential.LabelProbability;
import io.serin.statistics.sequential.Stratum;

/**
 * A stratum of one candidate: its name is stage/class/slots of candidate:slots of control. Strata
 * are ordered by name.
 *
 * @param name as verdicts show it
 * @param label slots that the class leaves to each arm
 */
public record StratumId(int stage, String name, LabelProbability label)
    implements Comparable<StratumId> {

  static StratumId of(int stage, String unitClass, LabelProbability label) {
    return new StratumId(
        stage,
        stage + "/" + unitClass + "/" + label.candidateSlots() + ":" + label.controlSlots(),
        label);
  }

  /** Reads a name. */
  static StratumId parse(String name) {
    int slash = name.lastIndexOf('/');
    int colon = name.indexOf(':', slash);
    return new StratumId(
        Integer.parseInt(name.substring(0, name.indexOf('/'))),
        name,
        new LabelProbability(
            Integer.parseInt(name.substring(slash + 1, colon)),
            Integer.parseInt(name.substring(colon + 1))));
  }

  public Stratum stratum() {
    return stratum(1);
  }

  Stratum stratum(double margin) {
    return new Stratum(name, label.value(), margin);
  }

  @Override
  public int compareTo(StratumId other) {
    return name.compareTo(other.name);
  }
}
