package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Writes a large body while its server takes it, so that no more of it is copied outside the heap
 * than a socket's buffer holds. Confined to the connection's event loop.
 */
final class BodyPieces {

  /** How pieces are written. */
  enum Framing {
    /** As they are: a length in the head frames them. */
    BYTES,
    /** As parts of an HTTP message, the last one marked. */
    CONTENTS
  }

  private static final int PIECE_BYTES = 64 << 10;

  private final byte[] body;
  private final Framing framing;
  private int at;

  BodyPieces(byte[] body, Framing framing) {
    this.body = body;
    this.framing = framing;
  }

  /** Writes what the connection takes now; returns the last write once all is written. */
  @Nullable ChannelFuture write(ChannelHandlerContext context) {
    ChannelFuture last = null;
    while (at < body.length && context.channel().isWritable()) {
      ByteBuf piece = next(context.alloc());
      last =
          context.write(
              switch (framing) {
                case BYTES -> piece;
                case CONTENTS ->
                    at < body.length
                        ? new DefaultHttpContent(piece)
                        : new DefaultLastHttpContent(piece);
              });
    }
    context.flush();
    return at == body.length ? last : null;
  }

  private ByteBuf next(ByteBufAllocator allocator) {
    int length = Math.min(PIECE_BYTES, body.length - at);
    ByteBuf piece = allocator.ioBuffer(length).writeBytes(body, at, length);
    at += length;
    return piece;
  }
}
