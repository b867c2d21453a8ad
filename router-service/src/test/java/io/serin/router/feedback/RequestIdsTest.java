package io.serin.router.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RequestIdsTest {

  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OLD_KEY = "fedcba9876543210".getBytes(StandardCharsets.UTF_8);
  private static final RequestId ID =
      new RequestId(
          42,
          "assistant",
          "run-1",
          3,
          "AAAAAAAAAAAAAAAAAAAAAA",
          "candidate",
          "candidate",
          "ASSIGNED");

  private final RequestIds ids = new RequestIds(List.of(KEY));

  @Test
  void shouldReadWhatItWrote() {
    assertThat(ids.read(ids.write(ID))).contains(ID);
    RequestId fallback = ID.servedBy("control", "FALLBACK");
    assertThat(ids.read(ids.write(fallback))).contains(fallback);
  }

  @Test
  void shouldBeFitForAHeaderAndShort() {
    assertThat(ids.write(ID)).matches("req_[A-Za-z0-9_-]+").hasSizeLessThan(160);
  }

  @Test
  void shouldBeginAlikeForBothAttemptsOfARequest() {
    String first = ids.write(ID);
    String second = ids.write(ID.servedBy("control", "FALLBACK"));

    assertThat(second).isNotEqualTo(first).startsWith(first.substring(0, 80));
  }

  @Test
  void shouldVerifyIdsOfAnEarlierKeyOfTheRing() {
    String old = new RequestIds(List.of(OLD_KEY)).write(ID);

    assertThat(new RequestIds(List.of(KEY, OLD_KEY)).read(old)).contains(ID);
    assertThat(ids.read(old)).isEmpty();
  }

  @Test
  void shouldRefuseEveryIdThatWasChanged() {
    String id = ids.write(ID);
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder changed = new StringBuilder(id);
      int at = random.nextInt(id.length() - 1);
      char other = "ABCDEFabcdef0123_-~ é".charAt(random.nextInt(21));
      if (other == id.charAt(at)) {
        continue;
      }
      changed.setCharAt(at, other);
      assertThat(ids.read(changed.toString())).isEmpty();
    }
    for (int length = 0; length < id.length() - 1; length++) {
      assertThat(ids.read(id.substring(0, length))).isEmpty();
    }
    assertThat(ids.read(id + id.repeat(50))).isEmpty();
  }

  @Test
  void shouldRefuseAKeyThatIsTooShort() {
    assertThatThrownBy(() -> new RequestIds(List.of(new byte[8]))).hasMessageContaining("8 bytes");
    assertThatThrownBy(() -> new RequestIds(List.of())).hasMessageContaining("none");
  }
}
