package io.serin.router.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
    assertThat(ids.write(ID)).matches("req_[A-Za-z0-9_-]+").hasSizeLessThan(240);
  }

  @Test
  void shouldNotTellWhichVariantServed() {
    String candidate = ids.write(ID);
    String control = ids.write(by("control"));
    String fallback = ids.write(ID.servedBy("control", "FALLBACK"));

    assertThat(control).hasSameSizeAs(candidate);
    assertThat(fallback).hasSameSizeAs(candidate);
    for (String id : List.of(candidate, control, fallback)) {
      String bytes =
          new String(
              Base64.getUrlDecoder().decode(id.substring("req_".length())),
              StandardCharsets.ISO_8859_1);
      assertThat(bytes).doesNotContain("candidate", "control", "assistant", "FALLBACK");
    }
    assertThat(commonPrefix(candidate, control)).as("all but kind and version").isLessThan(8);
  }

  @Test
  void shouldOpenAResponseIdForItsOwnerOnly() {
    ResponseIds responses = ids.responses();
    ResponseId id = new ResponseId("assistant", "candidate", "http://gpu-1:8000", "resp_1");
    String text = responses.write(id, "tenant ann");

    assertThat(responses.read(text, "tenant ann")).contains(id);
    assertThat(responses.read(text, "tenant bob")).isEmpty();
    assertThat(responses.read(text, "")).isEmpty();
    assertThat(responses.hasForm(text)).isTrue();
    assertThat(responses.hasForm("resp_68af4030baa48193b0b43b4c2a176a1a0e6967589f080e78"))
        .isFalse();
    assertThat(
            responses.write(
                new ResponseId(
                    "assistant",
                    "control",
                    "https://api.example.com:443",
                    "resp_" + "a".repeat(48)),
                "tenant ann"))
        .as("its length says nothing of server or variant")
        .hasSameSizeAs(text);
  }

  private static RequestId by(String variant) {
    return new RequestId(
        ID.nonce(), ID.rollout(), ID.run(), ID.stage(), ID.unit(), variant, variant, ID.why());
  }

  private static int commonPrefix(String one, String other) {
    int at = 0;
    while (at < one.length() && one.charAt(at) == other.charAt(at)) {
      at++;
    }
    return at;
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
