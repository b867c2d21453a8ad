package io.serin.router.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

  @Test
  void shouldMakeASecretOnceAndReadItAgain(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("sub/key");

    List<byte[]> made = Secrets.readOrMake(file, "signing-key");

    assertThat(made).hasSize(1);
    assertThat(made.getFirst()).hasSize(32);
    assertThat(Secrets.readOrMake(file, "signing-key")).containsExactly(made.getFirst());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file.getParent())
        .isDirectoryNotContaining(path -> path.toString().endsWith(".draft"));
  }

  @Test
  void shouldGiveAllWhoMakeItAtOnceTheSameSecret(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("key");
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<List<byte[]>>> reads =
          IntStream.range(0, 8)
              .mapToObj(i -> threads.submit(() -> Secrets.readOrMake(file, "key")))
              .toList();
      byte[] first = Secrets.readOrMake(file, "key").getFirst();
      assertThat(reads).allSatisfy(read -> assertThat(read.get().getFirst()).isEqualTo(first));
    }
  }

  @Test
  void shouldReadARingPassingOverComments(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("ring"), "# new\nAAAA\n\n# old\nBBBB\n");

    assertThat(Secrets.readOrMake(file, "signing-key")).hasSize(2);
  }

  @Test
  void shouldRefuseAFileWithoutASecretNamingIt(@TempDir Path folder) throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "# nothing\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "not base64!\n");

    assertThatThrownBy(() -> Secrets.readOrMake(empty, "unit-salt"))
        .hasMessageContaining("unit-salt")
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> Secrets.readOrMake(wrong, "unit-salt")).hasMessageContaining("wrong");
  }
}
