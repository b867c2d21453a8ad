package io.serin.modelcalls;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.secret.SecretReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
  private Path machine = Path.of("");
  private Path folder = machine;
  private Credentials credentials;

  @BeforeEach
  void write(@TempDir Path machine) throws IOException {
    this.machine = machine;
    folder = Files.createDirectory(machine.resolve("credentials"));
    Files.writeString(folder.resolve("key"), "inside\n");
    Files.writeString(machine.resolve("signing-key"), "outside");
    credentials =
        new Credentials(
            Map.of("KEY", "from-env", "TWO_LINES", "a\nx-team: b", "BLANK", " ")::get, folder);
  }

  @Test
  void shouldReadAFileBelowTheOperatorsFolder() {
    assertThat(credentials.read("file:key", null)).isEqualTo(new Authorization.Bearer("inside"));
    assertThat(credentials.read("file:" + folder.resolve("key"), "X-Key"))
        .isEqualTo(new Authorization.OwnHeader("x-key", "inside"));
  }

  @Test
  void shouldReadNoFileElsewhere() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), machine.resolve("signing-key"));

    for (String path : new String[] {machine + "/signing-key", "../signing-key", "" + link}) {
      assertThat(reason("file:" + path)).contains("below the folder of credentials");
      assertThat(credentials.secret("file:" + path)).isNull();
    }
  }

  @Test
  void shouldFollowALinkThatStaysBelowTheFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("current"), folder.resolve("key"));

    assertThat(credentials.secret("file:current")).isEqualTo("inside\n");
  }

  @Test
  void shouldReadNoFileWithoutAFolder() {
    Credentials none = new Credentials(Map.of());

    assertThat(none.read("file:" + folder.resolve("key"), null))
        .isInstanceOfSatisfying(
            Authorization.Unavailable.class,
            it -> assertThat(it.reason()).contains(SecretReader.FOLDER));
  }

  @Test
  void shouldSayWhyAReferenceLeadsToNothing() {
    assertThat(reason("env:OTHER")).contains("env:OTHER is not set");
    assertThat(reason("env:BLANK")).contains("empty");
    assertThat(reason("file:missing")).contains("cannot be read");
    assertThat(reason("sk-secret")).contains("env:NAME or file:PATH").doesNotContain("sk-");
  }

  @Test
  void shouldNotSendACredentialThatBreaksALine() {
    assertThat(reason("env:TWO_LINES")).contains("one line of ASCII");
  }

  @Test
  void shouldPassTheClientsHeaderWithoutAReference() {
    assertThat(credentials.read(null, null)).isInstanceOf(Authorization.OfClient.class);
    assertThat(credentials.read("env:KEY", "")).isEqualTo(new Authorization.Bearer("from-env"));
  }

  private String reason(String reference) {
    return ((Authorization.Unavailable) credentials.read(reference, null)).reason();
  }
}
