package io.serin.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.cli.stack.supervise.StackException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
class DataFolderTest {

  @TempDir Path temp;

  @Test
  void shouldBelongToOneStackAtATime() throws Exception {
    try (DataFolder first = DataFolder.open(temp)) {
      assertThat(first.log("router")).isEqualTo(temp.resolve("logs/router.log"));

      assertThatThrownBy(() -> DataFolder.open(temp))
          .isInstanceOf(StackException.class)
          .hasMessageContaining("another serin uses the data folder")
          .hasMessageContaining("--data");
    }
  }

  @Test
  void shouldSayWhatIsWrongWithAFolderThatCannotBeWritten() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));

    assertThatThrownBy(() -> DataFolder.open(file))
        .isInstanceOf(StackException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("--data");
  }

  @Test
  void shouldNotWaitWhereNoChildIsLeft() throws Exception {
    try (DataFolder folder = DataFolder.open(temp)) {
      folder.awaitEarlierChildren(Duration.ZERO);
    }
  }
}
