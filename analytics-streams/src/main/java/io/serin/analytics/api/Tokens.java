package io.serin.analytics.api;

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
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may call the control API: bearer tokens from a file, one a line, {@code ROLE NAME TOKEN}. The
 * role is viewer or operator; the name is what the audit says; a token has at least {@value
 * #SHORTEST} characters. Blank lines and lines that begin with # say nothing. The file is read
 * again when it changes; one that is wrong then changes nothing. Thread-safe.
 */
public final class Tokens {
  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
  private static final int SHORTEST = 16;

  /**
   * Someone whom a token names.
   *
   * @param who for the audit
   */
  record Caller(String who, Role role) {}

  private final @Nullable Path file;
  private Map<String, Caller> callers = Map.of();
  private @Nullable FileTime readAt;

  private Tokens(@Nullable Path file) {
    this.file = file;
  }

  /** Nobody needs a token. */
  public static Tokens none() {
    return new Tokens(null);
  }

  /**
   * Tokens of a file.
   *
   * @throws IllegalArgumentException naming line and rule, where the file is wrong
   */
  public static Tokens of(Path file) {
    Tokens tokens = new Tokens(file);
    try {
      tokens.readAt = Files.getLastModifiedTime(file);
      tokens.callers = parse(Files.readAllLines(file));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "tokens is \"" + file + "\": it must be a file that can be read (" + e + ")", e);
    }
    return tokens;
  }

  /** Whether a token is needed at all. */
  public boolean needed() {
    return file != null;
  }

  /** Who sent this Authorization header; null where nobody is known by it. */
  synchronized @Nullable Caller caller(@Nullable String authorization) {
    readAgainIfChanged();
    String scheme = "bearer ";
    if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(scheme)) {
      return null;
    }
    // Looked up by its hash: how long that takes tells nothing of the tokens that there are.
    return callers.get(hash(authorization.substring(scheme.length()).strip()));
  }

  private void readAgainIfChanged() {
    Path from = file;
    if (from == null) {
      return;
    }
    try {
      FileTime changed = Files.getLastModifiedTime(from);
      if (!changed.equals(readAt)) {
        readAt = changed;
        callers = parse(Files.readAllLines(from));
        LOG.atInfo().addKeyValue("event", "tokens.read").log("the tokens changed");
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.atError()
          .addKeyValue("event", "tokens.unreadable")
          .addKeyValue("error", e.getMessage())
          .log("the tokens cannot be read again; those before hold");
    }
  }

  private static Map<String, Caller> parse(List<String> lines) {
    Map<String, Caller> callers = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split("\\s+");
      if (parts.length != 3) {
        throw wrong(i, "must be ROLE NAME TOKEN, without blanks in them");
      }
      Role role =
          switch (parts[0]) {
            case "viewer" -> Role.VIEWER;
            case "operator" -> Role.OPERATOR;
            default -> throw wrong(i, "role is " + parts[0] + ": must be viewer or operator");
          };
      if (parts[2].length() < SHORTEST) {
        throw wrong(i, "the token must have at least " + SHORTEST + " characters");
      }
      if (callers.put(hash(parts[2]), new Caller(parts[1], role)) != null) {
        throw wrong(i, "the token is given twice");
      }
    }
    return Map.copyOf(callers);
  }

  private static IllegalArgumentException wrong(int index, String rule) {
    return new IllegalArgumentException("tokens, line " + (index + 1) + ": " + rule);
  }

  private static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a Java platform without SHA-256", e);
    }
  }
}
