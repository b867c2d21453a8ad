package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RedactionTest {
  @Test
  void shouldLeaveIdsByWhichARequestIsFound() {
    for (String id :
        new String[] {
          "req-knNLaz3r-LEZ6LnK8kDRHg0123456789",
          "550e8400-e29b-41d4-a716-446655440000",
          "prompt:17",
          "b4-0412-555-2671"
        }) {
      assertThat(Redaction.identifier(id, 240)).isEqualTo(id);
    }
  }

  @Test
  void shouldRedactWhatIsNoIdThoughItStandsInThePlaceOfOne() {
    assertThat(Redaction.identifier("ann@example.com", 240)).isEqualTo("[email]");
    assertThat(Redaction.identifier("+44 20 7946 0958", 240)).isEqualTo("[phone]");
    assertThat(Redaction.identifier("sk-abcdefghijklmnop1234", 240)).isEqualTo("[key]");
    assertThat(Redaction.identifier("write to ann@example.com, please", 240))
        .isEqualTo("write to [email], please");
    assertThat(Redaction.identifier("x".repeat(300), 240)).hasSize(242);
  }
}
