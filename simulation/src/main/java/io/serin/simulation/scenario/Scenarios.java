package io.serin.simulation.scenario;

import java.util.List;
import java.util.Optional;

/** All scenarios, in the order of what must hold. */
public final class Scenarios {
  /** With their default parameters. */
  public static final List<Scenario> ALL =
      List.of(
          new IidFalseAlarms(),
          new RampFalseAlarms(),
          new AtTheMargin(),
          new KohaviRamp(),
          new BrokenSplit(),
          new Detection(),
          new LateFault(),
          new ColdCaches(),
          new SameBits(),
          new SketchCoverage(),
          new AdaptiveRamp(),
          new Promotion(),
          new WholeRollouts());

  private Scenarios() {}

  public static Optional<Scenario> named(String name) {
    return ALL.stream().filter(s -> s.name().equals(name)).findFirst();
  }
}
