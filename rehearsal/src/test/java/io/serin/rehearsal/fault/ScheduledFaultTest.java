package io.serin.rehearsal.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduledFaultTest {

  @Test
  void shouldReadEveryKind() {
    assertThat(ScheduledFault.parse("candidate:errors=30%@20s"))
        .isEqualTo(
            new ScheduledFault(
                "candidate", new ModelFault.Errors(0.3), null, Duration.ofSeconds(20), null));
    assertThat(ScheduledFault.parse("candidate:slow=1.5x@500ms..1m"))
        .isEqualTo(
            new ScheduledFault(
                "candidate",
                new ModelFault.Slow(1.5),
                null,
                Duration.ofMillis(500),
                Duration.ofMinutes(1)));
    assertThat(ScheduledFault.parse("b:tokens=2x@0s").fault()).isEqualTo(new ModelFault.Tokens(2));
    assertThat(ScheduledFault.parse("b:refusals=20%@1s").fault())
        .isEqualTo(new ModelFault.Refusals(0.2));
    assertThat(ScheduledFault.parse("b:empty@1s").fault()).isEqualTo(new ModelFault.Empty(1));
    assertThat(ScheduledFault.parse("b:broken-json=3%@1s").fault())
        .isEqualTo(new ModelFault.BrokenJson(0.03));
    assertThat(ScheduledFault.parse("b:cut-stream=0.25@1s").fault())
        .isEqualTo(new ModelFault.CutStream(0.25));
    assertThat(ScheduledFault.parse("control:hang=5%@1s").fault())
        .isEqualTo(new ModelFault.Hang(0.05));
    assertThat(ScheduledFault.parse("b:feedback=40%@1s").fault())
        .isEqualTo(new ModelFault.Feedback(0.4));
    assertThat(ScheduledFault.parse("candidate:hang@stage:25%"))
        .isEqualTo(
            new ScheduledFault("candidate", new ModelFault.Hang(1), "25%", Duration.ZERO, null));
    assertThat(ScheduledFault.parse("candidate:hang@stage:my-stage+1.5s..4s"))
        .isEqualTo(
            new ScheduledFault(
                "candidate",
                new ModelFault.Hang(1),
                "my-stage",
                Duration.ofMillis(1_500),
                Duration.ofSeconds(4)));
  }

  @Test
  void shouldWriteItselfAsItIsRead() {
    for (String spec :
        List.of(
            "candidate:errors=30%@20s",
            "b:slow=1.5x@500ms..60s",
            "b:empty=100%@1.5s",
            "b:hang=5%@stage:25%",
            "b:hang=5%@stage:x+2s..9s")) {
      assertThat(ScheduledFault.parse(spec)).hasToString(spec);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "candidate | fault 'candidate' must be VARIANT:KIND",
        "candidate:errors=30% | must be VARIANT:KIND",
        "candidate:errors@1s | errors needs a value, such as =30%",
        "candidate:errors=0%@1s | errors is 0%: must be more than 0%",
        "candidate:errors=130%@1s | errors is 130%: must lie between 0% and 100%",
        "candidate:slow=fast@1s | slow is fast: must be a factor above 0, as in 1.5 or 1.5x",
        "candidate:slow=0x@1s | slow is 0x: must be a factor above 0",
        "candidate:smoke=3@1s | KIND 'smoke' must be one of errors, slow, tokens, refusals, empty,"
            + " broken-json, cut-stream, hang, feedback",
        "candidate:hang@soon | TIME is soon: must be a number with ms, s, m, h, d or w",
        "candidate:hang@5s..x | END is x: must be a number with ms, s, m, h, d or w",
        "candidate:hang@stage: | must be stage:NAME[+TIME], such as stage:25%",
        "candidate:hang@stage:5%+soon | TIME is soon: must be a number",
        "candidate:feedback@1s | feedback needs a value, such as =40%",
        "candidate:hang@5s..5s | end 5s must be after its begin 5s",
      })
  void shouldSayWhatIsWrong(String spec, String message) {
    assertThatThrownBy(() -> ScheduledFault.parse(spec))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldHoldFromItsBeginUntilItsEnd() {
    ScheduledFault fault = ScheduledFault.parse("c:hang@1s..2s");

    assertThat(fault.holds(traffic(999))).isFalse();
    assertThat(fault.holds(traffic(1_000))).isTrue();
    assertThat(fault.holds(traffic(1_999))).isTrue();
    assertThat(fault.holds(traffic(2_000))).isFalse();
  }

  @Test
  void shouldHoldFromItsStageOn() {
    ScheduledFault fault = ScheduledFault.parse("c:hang@stage:25%");

    assertThat(fault.holds(Elapsed.NOTHING)).isFalse();
    assertThat(fault.holds(traffic(60_000))).as("the stage has not begun").isFalse();
    assertThat(fault.holds(stage -> "25%".equals(stage) ? Duration.ZERO : null)).isTrue();
    assertThat(fault.holds(stage -> "50%".equals(stage) ? Duration.ZERO : null)).isFalse();
  }

  private static Elapsed traffic(long millis) {
    return stage -> stage == null ? Duration.ofMillis(millis) : null;
  }

  @Test
  void shouldDrawAboutTheShareItWasGiven() {
    FaultPlan plan =
        plan("c:errors=30%@10s", "c:refusals=20%@10s", "c:slow=1.5x@10s", "other:hang@0s");
    SplittableRandom random = new SplittableRandom(7);
    int errors = 0;
    int refusals = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      Injection drawn = plan.draw(traffic(11_000), random);
      errors += drawn.error() ? 1 : 0;
      refusals += drawn.refusal() ? 1 : 0;
      assertThat(drawn.slow()).isEqualTo(1.5);
      assertThat(drawn.hang()).isFalse();
      assertThat(drawn.error() && drawn.refusal()).isFalse();
    }
    assertThat(errors / (double) n).isBetween(0.287, 0.313);
    assertThat(refusals / (double) n).as("of those that are no error").isBetween(0.128, 0.152);
  }

  @Test
  void shouldBeQuietBeforeItsTimeAndBeforeTheTraffic() {
    FaultPlan plan = plan("c:hang@10s");
    SplittableRandom random = new SplittableRandom(7);

    assertThat(plan.draw(Elapsed.NOTHING, random)).isEqualTo(Injection.NONE);
    assertThat(plan.draw(traffic(9_000), random).bad()).isFalse();
    assertThat(plan.draw(traffic(10_000), random).kinds()).containsExactly("hang");
  }

  private static FaultPlan plan(String... specs) {
    return new FaultPlan("c", List.of(specs).stream().map(ScheduledFault::parse).toList());
  }
}
