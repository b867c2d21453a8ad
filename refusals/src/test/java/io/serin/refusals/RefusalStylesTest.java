package io.serin.refusals;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How models of many makers decline, in the words they are known for, and answers that sound alike
 * and help. Written for this test: none of it is in the recorded answers that the weights were
 * chosen with.
 */
class RefusalStylesTest {

  private record Styled(Refusal expected, String text) {
    @Override
    public String toString() {
      return expected + " " + text;
    }
  }

  static Stream<Styled> styles() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RefusalStylesTest.class.getResourceAsStream("refusal-styles.txt"))) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .map(line -> line.split("\t", 2))
          .map(part -> new Styled(Refusal.valueOf(part[0]), part[1].replace("\\n", "\n")));
    }
  }

  @ParameterizedTest
  @MethodSource("styles")
  void shouldKnowTheStyle(Styled styled) {
    assertThat(new RefusalDetector().judge(styled.text())).isEqualTo(styled.expected());
  }
}
