package io.serin.router.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Compresses whole answers. Streams are never compressed: a compressor would hold bytes back. */
public final class Gzip {

  private Gzip() {}

  /** Whether an answer is large enough and its client accepts gzip. */
  public static boolean wanted(HttpServerRequest http, Buffer body, int fromBytes) {
    if (fromBytes == 0 || body.length() < fromBytes) {
      return false;
    }
    String accepts = http.getHeader("accept-encoding");
    if (accepts == null) {
      return false;
    }
    for (String coding : accepts.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = coding.split(";", 2);
      if (parts[0].strip().equals("gzip")) {
        return parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
      }
    }
    return false;
  }

  public static Buffer of(Buffer body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length() / 2);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return Buffer.buffer(out.toByteArray());
  }
}
