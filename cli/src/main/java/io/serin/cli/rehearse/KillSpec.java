package io.serin.cli.rehearse;

import io.serin.rehearsal.Quantities;
import java.time.Duration;

/**
 * A process of the embedded stack that is killed (SIGKILL) on purpose, written {@code
 * PROCESS@TIME}.
 *
 * @param at since the traffic's start
 */
record KillSpec(String process, Duration at) {

  static KillSpec parse(String spec) {
    int sign = spec.indexOf('@');
    if (sign < 1) {
      throw new IllegalArgumentException(
          "--kill '" + spec + "' must be PROCESS@TIME, such as analytics@25s");
    }
    return new KillSpec(
        spec.substring(0, sign),
        Quantities.duration("--kill '" + spec + "': TIME", spec.substring(sign + 1)));
  }
}
