package io.serin.router.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

  private static final int SMALL = MemoryBudget.SMALL_BYTES;
  private final MemoryBudget budget = new MemoryBudget(80L * SMALL);

  @Test
  void shouldKeepRoomForSmallRequestsHoweverManyLargeOnesThereAre() {
    Hold large = budget.hold();
    while (large.take(SMALL)) {
      // Takes all it gets.
    }

    assertThat(large.bytes()).isEqualTo(70L * SMALL);
    assertThat(budget.hold().take(2L * SMALL)).isFalse();
    assertThat(budget.hold().take(SMALL)).isTrue();
  }

  @Test
  void shouldRefuseWhatDoesNotFitAndTakeNothingOfIt() {
    Hold hold = budget.hold();

    assertThat(hold.fits(71L * SMALL)).isFalse();
    assertThat(hold.take(71L * SMALL)).isFalse();

    assertThat(hold.bytes()).isZero();
    assertThat(budget.held()).isZero();
    assertThat(budget.refusals()).isEqualTo(2);
  }

  @Test
  void shouldGiveAllBackOnceAndTakeNothingAfterwards() {
    Hold hold = budget.hold();
    hold.take(10);
    hold.giveBack(4);
    assertThat(budget.held()).isEqualTo(6);

    hold.release();
    hold.release();

    assertThat(budget.held()).isZero();
    assertThat(hold.take(1)).as("its request is over").isFalse();
  }

  @Test
  void shouldNeverHoldMoreThanItsBoundWhateverThreadsDo() throws InterruptedException {
    long bound = 1 << 20;
    MemoryBudget shared = new MemoryBudget(bound);
    Thread[] loops = new Thread[4];
    boolean[] over = new boolean[1];
    for (int i = 0; i < loops.length; i++) {
      loops[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = 0; n < 2_000; n++) {
                      Hold hold = shared.hold();
                      long own = 0;
                      while (hold.take(SMALL)) {
                        own += SMALL;
                      }
                      if (own > bound) {
                        over[0] = true;
                      }
                      hold.release();
                    }
                  });
    }
    for (Thread loop : loops) {
      loop.join();
    }

    assertThat(over[0]).isFalse();
    assertThat(shared.held()).isZero();
  }

  @Test
  void shouldDeriveItsBoundsFromTheHeap() {
    assertThat(MemoryBudget.ofHeap(512L << 20)).isEqualTo(256L << 20);
    assertThat(MemoryBudget.capturesOfHeap(128L << 20)).isEqualTo(8L << 20);
    assertThat(MemoryBudget.capturesOfHeap(64L << 30)).isEqualTo(32L << 20);
  }
}
