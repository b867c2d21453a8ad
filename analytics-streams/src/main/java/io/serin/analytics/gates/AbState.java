package io.serin.analytics.gates;

import java.util.Map;
import java.util.TreeMap;

/** Where an A/B test of one candidate stands; plain fields, so that any mapper can keep it. */
public final class AbState {
  /** Units of the smaller arm; 0 before it is planned. */
  long planned;

  Map<String, Double> largestLogE = new TreeMap<>();
  double logE;
  double pValue = 1;
  String effect = "no estimate yet";

  /** Holm's p-values of the other metrics, "holm.METRIC". */
  Map<String, Double> adjusted = new TreeMap<>();

  /** What it stopped with; empty while it runs. */
  String decided = "";

  boolean better;
  boolean told;

  /** What the test stopped with, as a clause; empty while it runs. */
  public String decided() {
    return decided;
  }

  /** True where the test stopped because the candidate is better. */
  public boolean better() {
    return better;
  }

  /** True the first time that a stopped test is asked: it is announced once. */
  public boolean announce() {
    boolean first = !decided.isEmpty() && !told;
    told |= first;
    return first;
  }
}
