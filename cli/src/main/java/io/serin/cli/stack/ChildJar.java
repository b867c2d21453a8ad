package io.serin.cli.stack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A jar with the few classes of Serin that broker and registry need. Their class path holds none of
 * Serin's own jars: those change with each build, and a start-up cache is good for one class path.
 */
final class ChildJar {

  private static final List<String> ENTRIES =
      List.of(
          "io/serin/cli/stack/Tether.class",
          "io/serin/cli/stack/BrokerMain.class",
          "io/serin/cli/stack/BrokerSettings.class",
          "serin-service-logback.xml");

  private ChildJar() {}

  /** The jar in {@code folder}: written if it is not there, or not the same. */
  static Path in(Path folder) throws IOException {
    Path jar = folder.resolve("serin-child.jar");
    byte[] wanted = bytes();
    if (Files.exists(jar) && Arrays.equals(Files.readAllBytes(jar), wanted)) {
      return jar;
    }
    Files.createDirectories(folder);
    Path draft = Files.createTempFile(folder, "serin-child", ".draft");
    Files.write(draft, wanted);
    Files.move(draft, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return jar;
  }

  private static byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (String name : ENTRIES) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(LocalDateTime.of(2020, 1, 1, 0, 0)); // the same bytes each time
        out.putNextEntry(entry);
        try (InputStream in = ChildJar.class.getResourceAsStream("/" + name)) {
          if (in == null) {
            throw new IOException(name + " is not on the class path");
          }
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }
}
