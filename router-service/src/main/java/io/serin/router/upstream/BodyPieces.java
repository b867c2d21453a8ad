package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Writes a large body while its server takes it, so that no more of it is copied outside the heap
 * than a socket's buffer holds. Confined to the connection's event loop.
 */
final class BodyPieces {

  private static final int PIECE_BYTES = 64 << 10;

  private final byte[] body;
  private int at;

  BodyPieces(byte[] body) {
    this.body = body;
  }

  /** Writes what the connection takes now; returns the last write once all is written. */
  @Nullable ChannelFuture write(ChannelHandlerContext context) {
    ChannelFuture last = null;
    while (at < body.length && context.channel().isWritable()) {
      last = context.write(next(context.alloc()));
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
