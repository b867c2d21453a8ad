package io.serin.router.ports;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets in a text file, one a line, base64url; empty lines and those that begin with # are passed
 * over. A file that does not exist is made with one fresh secret of 32 bytes, readable by its owner
 * only; where several processes make it at once, all read the first one's.
 */
public final class Secrets {

  private static final Logger LOG = LoggerFactory.getLogger(Secrets.class);
  private static final int BYTES = 32;

  private Secrets() {}

  /**
   * Reads the file, or makes it.
   *
   * @param what names the secret in messages
   * @throws IOException where the file can be neither read nor made
   * @throws IllegalArgumentException where it holds no secret
   */
  public static List<byte[]> readOrMake(Path file, String what) throws IOException {
    try {
      return read(file, what);
    } catch (NoSuchFileException e) {
      make(file, what);
      return read(file, what);
    }
  }

  /**
   * Reads the file.
   *
   * @param what names the secret in messages
   * @throws IOException where the file cannot be read
   * @throws IllegalArgumentException where it holds no secret
   */
  public static List<byte[]> read(Path file, String what) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<byte[]> secrets = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        secrets.add(decode(line.strip(), file, what));
      }
    }
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException(
          what + ": " + file + " holds no secret, must hold one base64url text a line");
    }
    return List.copyOf(secrets);
  }

  private static byte[] decode(String text, Path file, String what) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(what + ": a line of " + file + " is not base64url", e);
    }
  }

  private static void make(Path file, String what) throws IOException {
    byte[] secret = new byte[BYTES];
    new SecureRandom().nextBytes(secret);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path draft =
        Files.createTempFile(
            folder == null ? Path.of(".") : folder,
            "secret",
            ".draft",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(
          draft, Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "\n");
      Files.createLink(file, draft);
      LOG.atInfo()
          .addKeyValue("event", "secret-made")
          .addKeyValue("secret", what)
          .addKeyValue("file", file)
          .log("a secret was made; all routers of a deployment must share it");
    } catch (FileAlreadyExistsException e) {
      LOG.atDebug().addKeyValue("file", file).log("another process made the secret");
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
