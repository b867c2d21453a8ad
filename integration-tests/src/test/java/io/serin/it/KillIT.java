package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 of any one process in the middle of a rehearsal loses and doubles nothing, and the
 * candidate that fails afterwards is still rolled back: the report reconciles each request by its
 * id.
 */
class KillIT {

  @ParameterizedTest
  @ValueSource(strings = {"analytics", "router", "broker", "registry", "worker"})
  void shouldCountEveryRequestOnceWhenKilled(String process) throws Exception {
    Serin.Run run =
        Serin.run(
            240,
            "rehearse",
            "--duration",
            "35s",
            "--kill",
            process + "@10s",
            "--fault",
            "candidate:errors=30%@22s",
            "--expect",
            "rollback");

    assertThat(run.exit()).as(run.output()).isZero();
  }
}
