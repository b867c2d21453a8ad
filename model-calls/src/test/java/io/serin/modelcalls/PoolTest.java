package io.serin.modelcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolTest {

  private static final long NOW = 1;

  @Test
  void shouldGiveAKeyTheSameServerOnEveryRouterAndKeysEveryServer() {
    Pool one = pool(4);
    Pool other = pool(4);
    Map<Address, Integer> keys = new HashMap<>();
    for (long key = 0; key < 4_000; key++) {
      Address address = pick(one, key, NOW).address();
      assertThat(pick(other, key, NOW).address()).isEqualTo(address);
      keys.merge(address, 1, Integer::sum);
    }
    assertThat(keys)
        .hasSize(4)
        .allSatisfy((address, count) -> assertThat(count).isBetween(850, 1150));
  }

  @Test
  void shouldMoveOnlyTheKeysOfAServerThatLeft() {
    Pool four = pool(4);
    Pool three = four.with(addresses(3), 0);
    Address left = addresses(4).getLast();
    for (long key = 0; key < 1_000; key++) {
      Address before = pick(four, key, NOW).address();
      if (!before.equals(left)) {
        assertThat(pick(three, key, NOW).address()).isEqualTo(before);
      }
    }
  }

  @Test
  void shouldNeverGiveAServerAQuarterMoreThanItsShareThoughAllPromptsBeginAlike() {
    Random random = new Random(7);
    Pool pool = pool(5);
    List<Server> underWay = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      if (underWay.size() > 100 && random.nextBoolean()) {
        underWay.remove(random.nextInt(underWay.size())).ended();
        continue;
      }
      Server server = pick(pool, random.nextInt(10) < 9 ? 42 : i, NOW);
      server.began(NOW);
      underWay.add(server);
      assertThat(server.inFlight())
          .isLessThanOrEqualTo((int) Math.ceil(1.25 * underWay.size() / 5));
    }
  }

  @Test
  void shouldPassOverAServerThatFailsAndComeBackToIt() {
    Pool pool = pool(3);
    Server first = pick(pool, 42, NOW);
    fail(first);

    assertThat(pick(pool, 42, NOW)).isNotEqualTo(first);
    long later = NOW + Breaker.SHORTEST.toNanos();
    assertThat(pick(pool, 42, later)).as("the trial").isEqualTo(first);
    first.began(later);
    first.breaker().succeeded();
    first.ended();
    assertThat(pick(pool, 42, later)).isEqualTo(first);
  }

  @Test
  void shouldPassOverAServerWhoseChecksFail() {
    Pool pool = pool(2);
    Server first = pick(pool, 42, NOW);

    assertThat(first.checked(false)).as("once is no reason").isFalse();
    assertThat(pick(pool, 42, NOW)).isEqualTo(first);
    assertThat(first.checked(false)).isTrue();
    assertThat(pick(pool, 42, NOW)).isNotEqualTo(first);
    assertThat(first.checked(true)).isTrue();
    assertThat(pick(pool, 42, NOW)).isEqualTo(first);
  }

  @Test
  void shouldAskAllWhereNoneIsWell() {
    Pool pool = pool(3);
    Server best = pick(pool, 42, NOW);
    pool.servers().forEach(PoolTest::fail);

    assertThat(pick(pool, 42, NOW)).isEqualTo(best);
    assertThat(pool.pick(42, Set.copyOf(pool.servers()), NOW)).as("all were tried").isNull();
  }

  @Test
  void shouldLetNoMoreInThanItsLimit() {
    Pool pool = Pool.of(addresses(1), 2);

    assertThat(pool.enter()).isTrue();
    assertThat(pool.enter()).isTrue();
    assertThat(pool.enter()).isFalse();
    pool.leave();
    assertThat(pool.enter()).isTrue();
    assertThat(pool.inFlight()).isEqualTo(2);
  }

  @Test
  void shouldEarnASecondTryWithFiveCalls() {
    RetryBudget budget = new RetryBudget();
    int spent = 0;
    while (budget.spend()) {
      spent++;
    }
    assertThat(spent).isEqualTo(RetryBudget.RESERVE);

    for (int call = 0; call < 1_000; call++) {
      budget.earn();
      spent += budget.spend() ? 1 : 0;
    }
    assertThat(spent).isEqualTo(RetryBudget.RESERVE + 200);
  }

  private static Server pick(Pool pool, long key, long now) {
    return Objects.requireNonNull(pool.pick(key, Set.of(), now), "there is a server");
  }

  private static void fail(Server server) {
    for (int i = 0; i < Breaker.FAILURES; i++) {
      server.breaker().failed(NOW);
    }
  }

  private static Pool pool(int servers) {
    return Pool.of(addresses(servers), 0);
  }

  private static List<Address> addresses(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Address(false, "gpu-" + i, 8000, "/v1"))
        .toList();
  }
}
