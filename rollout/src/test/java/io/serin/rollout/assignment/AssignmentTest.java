package io.serin.rollout.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.serin.rollout.assignment.Split.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssignmentTest {

  private static final UnitHasher HASHER =
      new UnitHasher("a deployment's salt".getBytes(StandardCharsets.UTF_8));

  @Test
  void shouldGiveEveryRouterTheSameSlot() {
    // Fixed for ever: another value would move every user of every running rollout.
    assertThat(Slots.of("run-1", "AAAAAAAAAAAAAAAAAAAAAA")).isEqualTo(1376);
    assertThat(HASHER.unitOf("ann")).isEqualTo("xHZhXYphqoQfP3kN4c6iyg");
  }

  @Test
  void shouldMoveNobodyButThoseThatARampAddsToTheCandidate() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 200; round++) {
      int before = random.nextInt(1, 9_999);
      int after = random.nextInt(before, 9_999);
      Split small = canary(before);
      Split large = canary(after);
      for (int i = 0; i < 200; i++) {
        int slot = random.nextInt(Split.SLOTS);
        if (!small.ownerOf(slot).equals(large.ownerOf(slot))) {
          assertThat(small.ownerOf(slot)).isEqualTo("control");
          assertThat(large.ownerOf(slot)).isEqualTo("candidate");
        }
      }
    }
  }

  @Test
  void shouldFindTheOwnerOfEverySlotInAnySplit() {
    SplittableRandom random = new SplittableRandom(2);
    for (int round = 0; round < 100; round++) {
      List<Slice> shares = new ArrayList<>();
      String[] owners = new String[Split.SLOTS];
      int from = 0;
      while (from < Split.SLOTS) {
        int to = random.nextInt(from + 1, Split.SLOTS + 1);
        String owner = "v" + random.nextInt(4);
        shares.add(new Slice(owner, from, to));
        Arrays.fill(owners, from, to, owner);
        from = to;
      }
      Split split = new Split(shares);
      for (int slot = 0; slot < Split.SLOTS; slot++) {
        assertThat(split.ownerOf(slot)).isEqualTo(owners[slot]);
      }
    }
  }

  @Test
  void shouldSpreadUnitsEvenly() {
    int units = 50_000;
    int candidate = 0;
    Split split = canary(2_500);
    for (int i = 0; i < units; i++) {
      candidate +=
          split.ownerOf(Slots.of("salt", HASHER.unitOf("user-" + i))).equals("candidate") ? 1 : 0;
    }
    assertThat(candidate / (double) units).isCloseTo(0.25, within(0.01));
  }

  @Test
  void shouldShuffleUnitsAnewForEachSalt() {
    int together = 0;
    for (int i = 0; i < 10_000; i++) {
      String unit = HASHER.unitOf("user-" + i);
      together += Slots.of("run-1", unit) < 1_000 && Slots.of("run-2", unit) < 1_000 ? 1 : 0;
    }
    assertThat(together).as("independent: about 1 % in both").isBetween(60, 140);
  }

  @Test
  void shouldSampleTheSameUnitsIndependentlyOfTheirSlotAndMoreWhereTheSampleGrows() {
    int inBoth = 0;
    for (int i = 0; i < 10_000; i++) {
      String unit = HASHER.unitOf("user-" + i);
      boolean small = Slots.sampled("run-1", unit, 1_000);
      assertThat(!small || Slots.sampled("run-1", unit, 3_000)).isTrue();
      assertThat(Slots.sampled("run-1", unit, 0)).isFalse();
      assertThat(Slots.sampled("run-1", unit, 10_000)).isTrue();
      inBoth += small && Slots.of("run-1", unit) < 1_000 ? 1 : 0;
    }
    assertThat(inBoth).isBetween(60, 140);
  }

  @Test
  void shouldTakeTheFirstRuleThatYieldsAValue() {
    Assigner assigner =
        new Assigner(
            HASHER,
            "run-1",
            List.of(UnitRule.parse("header:X-User-Id"), UnitRule.parse("body:metadata.user_id")),
            canary(10_000));

    assertThat(assigner.assign(request(Map.of("x-user-id", "ann", "metadata.user_id", "bob"))))
        .isEqualTo(assigner.assign(request(Map.of("x-user-id", "ann"))));
    assertThat(assigner.assign(request(Map.of("x-user-id", " ", "metadata.user_id", "bob"))))
        .isEqualTo(assigner.assign(request(Map.of("metadata.user_id", "bob"))))
        .isInstanceOf(Assignment.ByUnit.class);
    assertThat(assigner.assign(request(Map.of()))).isEqualTo(new Assignment.NoUnit());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cookie:a", "header:", "x-user-id", ":a"})
  void shouldRefuseAnUnknownUnitRuleNamingIt(String rule) {
    assertThatThrownBy(() -> UnitRule.parse(rule))
        .hasMessageContaining("'" + rule + "'")
        .hasMessageContaining("header:NAME");
  }

  @Test
  void shouldRefuseASplitWithGapsOrOverlapsNamingThePlace() {
    refused(() -> new Split(List.of()), "ends at 0");
    refused(
        () -> new Split(List.of(new Slice("a", 0, 10), new Slice("b", 11, 10_000))),
        "starts at 11, must start at 10");
    refused(
        () -> new Split(List.of(new Slice("a", 0, 10), new Slice("b", 9, 10_000))),
        "starts at 9, must start at 10");
    refused(() -> new Split(List.of(new Slice("a", 0, 9_999))), "ends at 9999");
    refused(() -> new Slice("a", 5, 5), "[5, 5)");
    refused(() -> new Slice("a", 0, 10_001), "[0, 10001)");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static Split canary(int candidateSlots) {
    return candidateSlots == Split.SLOTS
        ? new Split(List.of(new Slice("candidate", 0, Split.SLOTS)))
        : new Split(
            List.of(
                new Slice("candidate", 0, candidateSlots),
                new Slice("control", candidateSlots, Split.SLOTS)));
  }

  private static UnitSource request(Map<String, String> values) {
    Map<String, String> copy = new HashMap<>(values);
    return new UnitSource() {
      @Override
      public @Nullable String header(String name) {
        return copy.get(name);
      }

      @Override
      public @Nullable String body(String path) {
        return copy.get(path);
      }
    };
  }
}
