package io.serin.simulation.scenario;

import io.serin.simulation.Report;

/** A simulation with known truth. Parameters are the record components of the implementations. */
public interface Scenario {
  /** Short name, for a command line. */
  String name();

  /** What must hold, in a sentence. */
  String question();

  /** Runs that a report is based on. */
  int fullRuns();

  /** Runs that suffice for a test of a few seconds. */
  int quickRuns();

  /** Runs it; the same seed and runs give the same report. */
  Report run(long seed, int runs);
}
