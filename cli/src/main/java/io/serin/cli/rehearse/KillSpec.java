package io.serin.cli.rehearse;

import io.serin.rehearsal.fault.When;

/**
 * A process of the embedded stack that is killed (SIGKILL) on purpose, written {@code
 * PROCESS@WHEN}.
 *
 * @param when since the traffic's start, or since the rollout entered a stage
 */
record KillSpec(String process, When when) {

  static KillSpec parse(String spec) {
    int sign = spec.indexOf('@');
    if (sign < 1) {
      throw new IllegalArgumentException(
          "--kill '"
              + spec
              + "' must be PROCESS@WHEN, such as analytics@25s or analytics@stage:25%");
    }
    return new KillSpec(
        spec.substring(0, sign), When.parse("--kill '" + spec + "'", spec.substring(sign + 1)));
  }
}
