package io.serin.schemas.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets in a text file and whom each one names: one a line, words separated by blanks, the secret
 * the last, of at least {@value #SHORTEST} characters. Blank lines and lines that begin with # say
 * nothing. The file is read again within a second after it changed; one that is wrong then changes
 * nothing. Secrets are kept as hashes only. Thread-safe.
 *
 * @param <T> who a secret names
 */
public final class KeyFile<T> {

  private static final Logger LOG = LoggerFactory.getLogger(KeyFile.class);
  private static final int SHORTEST = 16;
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * The words of a line before the secret.
   *
   * @param <T> who they name
   */
  @FunctionalInterface
  public interface Reader<T> {

    /**
     * Who the words name.
     *
     * @throws IllegalArgumentException with the rule, where they name nobody
     */
    T read(List<String> words);
  }

  private final String setting;
  private final Path file;
  private final Reader<T> reader;
  private final LongSupplier nanoTime;
  private final AtomicLong lookedAt;
  private volatile FileTime readAt;
  private volatile Map<String, T> owners;

  /**
   * Reads the file.
   *
   * @param setting names the file in messages
   * @throws IllegalArgumentException naming setting, line and rule, where the file is wrong
   */
  public KeyFile(String setting, Path file, Reader<T> reader, LongSupplier nanoTime) {
    this.setting = setting;
    this.file = file;
    this.reader = reader;
    this.nanoTime = nanoTime;
    this.lookedAt = new AtomicLong(nanoTime.getAsLong());
    try {
      this.readAt = Files.getLastModifiedTime(file);
      this.owners = parse(Files.readAllLines(file));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          setting + ": '" + file + "', must be a file that can be read (" + e + ")", e);
    }
  }

  /** Whom this secret names; null where it names nobody. */
  public @Nullable T owner(@Nullable String secret) {
    lookAgain();
    // Looked up by its hash: how long that takes tells nothing of the secrets that there are.
    return secret == null ? null : owners.get(hash(secret));
  }

  private void lookAgain() {
    long last = lookedAt.get();
    long now = nanoTime.getAsLong();
    if (now - last < LOOK_NANOS || !lookedAt.compareAndSet(last, now)) {
      return;
    }
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(readAt)) {
        readAt = changed;
        owners = parse(Files.readAllLines(file));
        LOG.atInfo()
            .addKeyValue("event", "keys-read")
            .addKeyValue("setting", setting)
            .log("a file of keys changed");
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.atError()
          .addKeyValue("event", "keys-unreadable")
          .addKeyValue("setting", setting)
          .addKeyValue("error", e.getMessage())
          .log("a file of keys cannot be read again; those before hold");
    }
  }

  private Map<String, T> parse(List<String> lines) {
    Map<String, T> read = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(line.split("\\s+"));
      String secret = words.getLast();
      T owner;
      try {
        owner = reader.read(words.subList(0, words.size() - 1));
      } catch (IllegalArgumentException e) {
        throw wrong(i, String.valueOf(e.getMessage()));
      }
      if (secret.length() < SHORTEST) {
        throw wrong(i, "the secret must have at least " + SHORTEST + " characters");
      }
      if (read.put(hash(secret), owner) != null) {
        throw wrong(i, "the secret is given twice");
      }
    }
    return Map.copyOf(read);
  }

  private IllegalArgumentException wrong(int index, String rule) {
    return new IllegalArgumentException(
        setting + ": '" + file + "', line " + (index + 1) + ": " + rule);
  }

  private static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a Java platform without SHA-256", e);
    }
  }
}
