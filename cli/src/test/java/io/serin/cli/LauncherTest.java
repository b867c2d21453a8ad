package io.serin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script, in a project of its own, with a JDK and a Maven that only say what is asked
 * of them.
 */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class LauncherTest {

  @TempDir Path temp;
  private Path root;
  private Path jdk;

  @BeforeEach
  void makeProject() throws IOException {
    root = Files.createDirectory(temp.resolve("a project"));
    Files.copy(Path.of("../serin"), root.resolve("serin"));
    Files.setPosixFilePermissions(
        root.resolve("serin"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createFile(root.resolve("pom.xml"));
    Files.createDirectories(root.resolve("cli/src/main"));
    script(
        root.resolve("mvnw"),
        "mkdir -p cli/target/lib cli/target/registry && touch cli/target/serin-cli.jar");
    jdk = jdk("jdk", 25);
  }

  private Path jdk(String name, int version) throws IOException {
    Path home = temp.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
    script(home.resolve("bin/java"), "printf '%s|' \"$0\" \"$@\"");
    script(home.resolve("bin/javac"), "true");
    return home;
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(Path script, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(temp.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said;
  }

  @Test
  void shouldBuildOnceAndThenOnlyWhenASourceIsNewer() throws Exception {
    Map<String, String> environment = Map.of("JAVA_HOME", jdk.toString());

    assertThat(run(root.resolve("serin"), environment, "up")).contains("serin: built");
    assertThat(run(root.resolve("serin"), environment, "up")).doesNotContain("building");

    Path source = Files.createFile(root.resolve("cli/src/main/A.java"));
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run(root.resolve("serin"), environment, "up")).contains("serin: built");
  }

  @Test
  void shouldPassArgumentsAsTheyAreAlsoThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(temp.resolve("link"), Path.of("a project/serin"));

    String said = run(link, Map.of("JAVA_HOME", jdk.toString()), "rollout", "two words");

    assertThat(said)
        .contains(jdk + "/bin/java|")
        .contains("|-Dserin.home=" + root.toRealPath() + "|")
        .endsWith("|io.serin.cli.Main|rollout|two words|");
  }

  @Test
  void shouldPassOverAnOldJavaHome() throws Exception {
    Path old = jdk("old", 17);
    Path home = Files.createDirectory(temp.resolve("home"));
    Files.createDirectories(home.resolve(".jdks"));
    Files.createSymbolicLink(home.resolve(".jdks/new"), jdk);

    String said =
        run(
            root.resolve("serin"),
            Map.of("JAVA_HOME", old.toString(), "HOME", home.toString()),
            "--help");

    // One of the machine's own may be found first; never the old one.
    assertThat(said).doesNotContain(old + "/bin/java|");
  }

  @Test
  void shouldShowWhatIsWrongWithTheBuild() throws Exception {
    script(root.resolve("mvnw"), "echo '[ERROR] A.java: no'; exit 1");

    String said = run(root.resolve("serin"), Map.of("JAVA_HOME", jdk.toString()), "up");

    assertThat(said).contains("[ERROR] A.java: no").contains("serin: the build failed");
  }
}
