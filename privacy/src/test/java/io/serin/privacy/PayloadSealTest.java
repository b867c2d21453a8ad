package io.serin.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.schemas.SealedPayload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;

class PayloadSealTest {
  private static final SecretKey KEY = key(1);
  private static final byte[] BINDING = PayloadSeal.binding("r1", "assistant", "run-1");
  private static final PayloadSeal.Content CONTENT =
      new PayloadSeal.Content("{\"a\":1}".getBytes(StandardCharsets.UTF_8), "an answer, émigré");

  @Test
  void shouldOpenWhatItSealed() throws GeneralSecurityException {
    SealedPayload sealed = seal();

    PayloadSeal.Content opened = PayloadSeal.open(sealed, KEY, BINDING);

    assertThat(opened.requestBody()).isEqualTo(CONTENT.requestBody());
    assertThat(opened.servedText()).isEqualTo(CONTENT.servedText());
    assertThat(new String(sealed.getContent().array(), StandardCharsets.ISO_8859_1))
        .doesNotContain("answer");
  }

  @Test
  void shouldKeepApartNoTextAndAnEmptyOne() throws GeneralSecurityException {
    for (String text : new String[] {null, ""}) {
      SealedPayload sealed =
          PayloadSeal.seal(
              "k1", KEY, BINDING, new PayloadSeal.Content(new byte[0], text), new SecureRandom());
      assertThat(PayloadSeal.open(sealed, KEY, BINDING).servedText()).isEqualTo(text);
    }
  }

  @Test
  void shouldSealTheSameDifferentlyEachTime() throws GeneralSecurityException {
    SealedPayload one = seal();
    SealedPayload two = seal();

    assertThat(one.getContent()).isNotEqualTo(two.getContent());
    assertThat(one.getWrappedKey()).isNotEqualTo(two.getWrappedKey());
  }

  @Test
  void shouldNotOpenForAnotherKeyOrRecordOrAfterAnyChange() throws GeneralSecurityException {
    SealedPayload sealed = seal();
    assertThatThrownBy(() -> PayloadSeal.open(sealed, key(2), BINDING))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(
            () -> PayloadSeal.open(sealed, KEY, PayloadSeal.binding("r2", "assistant", "run-1")))
        .isInstanceOf(GeneralSecurityException.class);
    for (int i = 0; i < sealed.getContent().remaining(); i++) {
      byte[] bytes = sealed.getContent().array().clone();
      bytes[i] ^= 1;
      SealedPayload changed =
          SealedPayload.newBuilder(sealed).setContent(ByteBuffer.wrap(bytes)).build();
      assertThatThrownBy(() -> PayloadSeal.open(changed, KEY, BINDING))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }

  @Test
  void shouldRefuseKeysThatAreNoneWithoutRepeatingThem() {
    assertThatThrownBy(() -> PayloadSeal.key("c2VjcmV0"))
        .hasMessageContaining("6 bytes")
        .hasMessageNotContaining("c2VjcmV0");
    assertThatThrownBy(() -> PayloadSeal.key("not base64!"))
        .hasMessageContaining("32 bytes in base64")
        .hasMessageNotContaining("not base64!");
  }

  private static SealedPayload seal() throws GeneralSecurityException {
    return PayloadSeal.seal("k1", KEY, BINDING, CONTENT, new SecureRandom());
  }

  private static SecretKey key(int fill) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) fill;
    return PayloadSeal.key(Base64.getEncoder().encodeToString(bytes));
  }
}
