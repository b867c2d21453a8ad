package io.serin.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void shouldMakeEachColumnAsWideAsItsWidestCell() {
    TextTable table =
        TextTable.of("guard", ">requests", "gate")
            .row("error.rate", "1,200", "1 pp")
            .row("tokens", "90", "");

    assertThat(table.text("  "))
        .isEqualTo(
            """
              guard       requests  gate
              error.rate     1,200  1 pp
              tokens            90
            """);
  }

  @Test
  void shouldLeaveOutTheHeadOfAPlainTable() {
    assertThat(TextTable.plain("<", ">").row("a", "1").row("bc").text("")).isEqualTo("a   1\nbc\n");
  }

  @Test
  void shouldRefuseARowWithMoreCellsThanColumns() {
    assertThatThrownBy(() -> TextTable.of("one").row("a", "b"))
        .hasMessage("2 cells for 1 columns: [a, b]");
  }
}
