package io.serin.router.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibWrapper;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a compressed request body as it comes, a little at a time: who reads it counts every
 * piece before the next is unpacked. Deflate makes at most 1,032 bytes of one.
 */
final class Inflating {

  /** So much is unpacked at once: at most half a megabyte comes of it. */
  private static final int STEP_BYTES = 512;

  private final EmbeddedChannel decoder;

  private Inflating(ZlibWrapper wrapper) {
    this.decoder = new EmbeddedChannel(ZlibCodecFactory.newZlibDecoder(wrapper, 0));
  }

  /**
   * Unpacks bodies of this encoding; null where there is nothing to unpack.
   *
   * @throws OpenAiException with status 415 where the encoding is not one that the router reads
   */
  static @Nullable Inflating of(@Nullable String encoding) {
    String name = encoding == null ? "" : encoding.strip().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "", "identity" -> null;
      case "gzip", "x-gzip" -> new Inflating(ZlibWrapper.GZIP);
      case "deflate", "x-deflate" -> new Inflating(ZlibWrapper.ZLIB_OR_NONE);
      default ->
          throw new OpenAiException(
              new OpenAiError(
                  "The request's content-encoding is not supported; use gzip, deflate or none.",
                  "invalid_request_error",
                  null,
                  "unsupported_encoding",
                  415));
    };
  }

  /**
   * Unpacks a piece.
   *
   * @param into takes what came of it; returns false to stop
   * @throws DecompressionException where it is not what its encoding says
   */
  void read(Buffer piece, Predicate<ByteBuf> into) {
    byte[] packed = piece.getBytes();
    for (int at = 0; at < packed.length; at += STEP_BYTES) {
      decoder.writeInbound(
          Unpooled.wrappedBuffer(packed, at, Math.min(STEP_BYTES, packed.length - at)));
      if (!drain(into)) {
        return;
      }
    }
  }

  private boolean drain(Predicate<ByteBuf> into) {
    boolean more = true;
    for (ByteBuf unpacked = decoder.readInbound();
        unpacked != null;
        unpacked = decoder.readInbound()) {
      try {
        more = more && into.test(unpacked);
      } finally {
        unpacked.release();
      }
    }
    return more;
  }

  /** Gives back what it holds. */
  void close() {
    try {
      decoder.finishAndReleaseAll();
    } catch (DecompressionException e) {
      // What was left is thrown away.
    }
  }
}
