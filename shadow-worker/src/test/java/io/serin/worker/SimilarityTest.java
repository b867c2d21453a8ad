package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SimilarityTest {

  @Test
  void shouldFindTheSameWordsAlikeWhateverTheirCaseAndPunctuation() {
    assertThat(Similarity.of("Paris is the capital.", "paris is THE capital!")).isEqualTo(1);
  }

  @Test
  void shouldFindNothingInCommonUnlike() {
    assertThat(Similarity.of("yes", "no")).isZero();
    assertThat(Similarity.of("", "no")).isZero();
  }

  @Test
  void shouldShareWhatIsShared() {
    assertThat(Similarity.of("a b c", "b c d")).isCloseTo(0.5, within(1e-12));
    assertThat(Similarity.of("b c d", "a b c")).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void shouldCompareTextsWithoutWordsByEquality() {
    assertThat(Similarity.of("!!!", "!!!")).isEqualTo(1);
    assertThat(Similarity.of("!!!", "???")).isZero();
  }

  @Test
  void shouldTakeCharactersForWordsWhereAScriptPartsNone() {
    assertThat(Similarity.of("東京は首都", "京都は古都")).isBetween(0.2, 0.8);
  }
}
