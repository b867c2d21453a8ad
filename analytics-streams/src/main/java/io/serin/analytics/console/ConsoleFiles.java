package io.serin.analytics.console;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The console's files by their path, read from the class path once. A fixed list: no path of a
 * request ever names a resource. Immutable and thread-safe.
 */
public final class ConsoleFiles {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  /**
   * Headers of every file. Scripts and styles come from this port only and never from a page's own
   * text; no other page may show the console in a frame.
   */
  public static final Map<String, String> HEADERS =
      Map.of(
          "content-security-policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
              + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "x-content-type-options",
          "nosniff",
          "referrer-policy",
          "no-referrer",
          "cross-origin-opener-policy",
          "same-origin",
          "cross-origin-resource-policy",
          "same-origin",
          "cache-control",
          "no-cache");

  /**
   * One file.
   *
   * @param type its content type
   * @param tag its entity tag, quoted
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared; written to a socket as it is.
  public record ConsoleFile(String type, String tag, byte[] content) {}

  private final Map<String, ConsoleFile> files = new HashMap<>();

  /** Reads all files. */
  public ConsoleFiles() {
    String html = "text/html; charset=utf-8";
    String script = "text/javascript; charset=utf-8";
    String style = "text/css; charset=utf-8";
    add("/", "index.html", html);
    add("/console/console.css", "console.css", style);
    add("/console/icon.svg", "icon.svg", "image/svg+xml");
    for (String name :
        new String[] {"main", "api", "dom", "text", "charts", "rollouts", "rollout", "actions"}) {
      add("/console/" + name + ".js", name + ".js", script);
    }
    add("/console/uplot.js", UPLOT + "uPlot.esm.js", script);
    add("/console/uplot.css", UPLOT + "uPlot.min.css", style);
  }

  /** The file at a path; null where there is none. */
  public @Nullable ConsoleFile at(String path) {
    return files.get(path);
  }

  private void add(String path, String resource, String type) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      byte[] content = in.readAllBytes();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      String tag = '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
      files.put(path, new ConsoleFile(type, tag, content));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(resource + " cannot be read", e);
    }
  }
}
