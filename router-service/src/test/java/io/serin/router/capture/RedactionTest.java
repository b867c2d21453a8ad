package io.serin.router.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  private final Redaction redaction = new Redaction();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "write to ann.b+c@mail.example.co.uk now | write to [email] now",
        "key sk-proj-abcDEF0123456789abcDEF0123 end | key [key] end",
        "sk_live_abcdefghijklmnop123456 | [key]",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789 | [key]",
        "AKIAABCDEFGHIJKLMNOP | [key]",
        "Authorization: Bearer abcdefghijklmnop.qrst | Authorization: Bearer [key]",
        "card 4111 1111 1111 1111 ok | card [card] ok",
        "card 4111-1111-1111-1111 ok | card [card] ok",
        "call +49 170 1234567 today | call [phone] today",
        "call (555) 123-4567 today | call [phone] today",
      })
  void shouldTakeOutPersonalDataAndSecrets(String text, String redacted) {
    assertThat(redaction.redact(text)).isEqualTo(redacted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "order 4111 1111 1111 1112",
        "in 2024-05-06 at 12:30:45",
        "pi is 3.14159265358979",
        "version 10.0.19045.4291",
        "x@y",
        "1,000,000 of 25000",
        "ask-me-anything-about-everything"
      })
  void shouldLeaveOtherTextAlone(String text) {
    assertThat(redaction.redact(text)).isEqualTo(text);
  }

  @Test
  void shouldRedactJsonInItsStringsAndLeaveItJson() throws IOException {
    String json =
        "{\"user\":\"ann@example.com\",\"n\":1.50,\"big\":12345678901234567890,\"list\":[\"a\\nb@example.com\",null,true],\"o\":{}}";

    String redacted =
        new String(
            redaction.redactJson(json.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);

    assertThat(new ObjectMapper().readTree(redacted).at("/list/0").asText())
        .isEqualTo("a\n[email]");
    assertThat(redacted)
        .isEqualTo(
            "{\"user\":\"[email]\",\"n\":1.50,\"big\":12345678901234567890,\"list\":[\"a\\n[email]\",null,true],\"o\":{}}");
  }

  @Test
  void shouldTakeTimeInProportionToTheTextWhateverItIs() {
    String hostile =
        "a".repeat(50_000)
            + "@".repeat(1_000)
            + "1 ".repeat(20_000)
            + "a.".repeat(20_000)
            + "eyJ".repeat(5_000);

    Assertions.assertTimeout(Duration.ofSeconds(10), () -> redaction.redact(hostile));
  }
}
