package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Input;
import io.serin.analytics.controller.Output;
import io.serin.analytics.judge.Cells;
import io.serin.schemas.ActionKind;
import io.serin.schemas.DecisionInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The controller is stopped at each input of a ramp, its state kept or lost, and goes on. */
class RestartTest {
  private static final String FILE =
      """
      rollout: assistant
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {shadow: true, for: 10m, until: time}
        - {weight: 25%, for: 10m, until: time}
        - {weight: 50%, for: 10m, until: time}
        - {weight: 75%, for: 10m, until: time}
      """;

  @Test
  void shouldGoThroughEveryStageOnceWhereverItIsStopped() {
    List<Input> inputs = ramp();
    List<Output.Command> whole = run(inputs, inputs.size(), false);
    assertThat(stages(whole)).as("the ramp that is stopped").containsExactly(0, 1, 2, 3);

    for (int stop = 1; stop < inputs.size(); stop++) {
      assertThat(run(inputs, stop, false)).as("stopped before input %d", stop).isEqualTo(whole);
    }
  }

  @Test
  void shouldNeitherSkipNorRepeatAStageWhenItsStateIsLost() {
    List<Input> inputs = ramp();
    for (int stop = 2; stop < inputs.size(); stop++) {
      List<Output.Command> orders = run(inputs, stop, true);
      for (int i = 1; i < orders.size(); i++) {
        assertThat(orders.get(i).stage() - orders.get(i - 1).stage())
            .as("stage after stage, lost before input %d", stop)
            .isBetween(0, 1);
        assertThat(orders.get(i).revision()).isGreaterThanOrEqualTo(orders.get(i - 1).revision());
      }
    }
  }

  private static List<Input> ramp() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE);
      for (int stage = 0; stage < 4; stage++) {
        for (int i = 0; i < 12; i++) {
          serin.heartbeat("router-1", serin.newest().getRevision());
          serin.send(serin.request("u" + stage + "-" + i).build());
          serin.advance(Duration.ofSeconds(51));
        }
      }
      serin.heartbeat("router-1", serin.newest().getRevision());
      serin.ask(ActionKind.PROMOTE, "k1");
      List<Input> inputs = new ArrayList<>();
      for (DecisionInput logged : serin.inputs) {
        Inputs.read(logged).ifPresent(inputs::add);
      }
      return inputs;
    }
  }

  /**
   * Stops before an input: with its state as it is kept, or with the topic's newest command only.
   */
  private static List<Output.Command> run(List<Input> inputs, int stop, boolean lost) {
    Decider decider = new Decider(DecideHarness.ROLLOUT);
    List<Output.Command> orders = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (i == stop && lost) {
        Output.Command last = orders.getLast();
        decider = new Decider(DecideHarness.ROLLOUT);
        decider.step(
            new Input.FoundCommand(
                inputs.get(i).at(),
                last.revision(),
                last.run(),
                last.phase(),
                last.stage(),
                last.split(),
                last.at(),
                last.causeId()));
        keep(decider.step(inputs.getFirst()), orders);
      } else if (i == stop) {
        decider =
            new Decider(
                DecideHarness.ROLLOUT,
                StatusCodec.read(StatusCodec.write(decider.status())),
                Cells.of(decider.cells().all()));
      }
      keep(decider.step(inputs.get(i)), orders);
    }
    return orders;
  }

  private static void keep(List<Output> outputs, List<Output.Command> orders) {
    for (Output output : outputs) {
      if (output instanceof Output.Command ordered) {
        orders.add(ordered);
      }
    }
  }

  private static List<Integer> stages(List<Output.Command> orders) {
    return orders.stream().map(Output.Command::stage).distinct().toList();
  }
}
