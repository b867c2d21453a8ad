package io.serin.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExcerptTest {
  @Test
  void shouldLeaveIdsByWhichARequestIsFound() {
    for (String id :
        new String[] {
          "req-knNLaz3r-LEZ6LnK8kDRHg0123456789",
          "550e8400-e29b-41d4-a716-446655440000",
          "prompt:17",
          "b4-0412-555-2671"
        }) {
      assertThat(Excerpt.identifier(id, 240)).isEqualTo(id);
    }
  }

  @Test
  void shouldRedactWhatIsNoIdThoughItStandsInThePlaceOfOne() {
    assertThat(Excerpt.identifier("ann@example.com", 240)).isEqualTo("[email]");
    assertThat(Excerpt.identifier("+44 20 7946 0958", 240)).isEqualTo("[phone]");
    assertThat(Excerpt.identifier("sk-abcdefghijklmnop1234", 240)).isEqualTo("[key]");
    assertThat(Excerpt.identifier("write to ann@example.com, please", 240))
        .isEqualTo("write to [email], please");
    assertThat(Excerpt.identifier("x".repeat(300), 240)).hasSize(242);
  }
}
