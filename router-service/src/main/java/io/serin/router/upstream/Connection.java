package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a model server, one call at a time: {@link ConnectionState} draws the
 * machine. Whatever comes while no answer is due closes it: no answer can reach the wrong request.
 */
final class Connection extends ChannelInboundHandlerAdapter implements CallLine {

  /** Name of the handler that reads HTTP, in front of this one. */
  static final String READER = "http";

  private static final String DECOMPRESSOR = "decompressor";

  /**
   * How soon after a request a lost connection counts as closed before the request came: a reset is
   * one round trip away. A server that fails later has worked on the request.
   */
  private static final long STALE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int CHUNK_FRAME_BYTES = 16;
  private static final int CRLF = '\r' << 8 | '\n';

  private final ConnectionPool pool;
  private final ConnectionPool.Server server;
  private final ContextInternal eventLoop;
  private final AnswerDecoder reader;
  private final long madeNanos;
  private final Handler<HttpObject> reading = this::read;
  private final Handler<Connection> idle = this::idle;
  private ConnectionState state = new ConnectionState.Idle(true);
  private @Nullable ChannelHandlerContext channel;
  private @Nullable Throwable cause;

  /** What is left to write of a large body; null if there is none. */
  private @Nullable BodyPieces pieces;

  /** Until when it may wait: for its next call, or for the rest of an answer. */
  private long untilNanos;

  Connection(
      ConnectionPool pool,
      ConnectionPool.Server server,
      ContextInternal eventLoop,
      AnswerDecoder reader,
      long madeNanos) {
    this.pool = pool;
    this.server = server;
    this.eventLoop = eventLoop;
    this.reader = reader;
    this.madeNanos = madeNanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context;
  }

  /** Sends a call's request. */
  void send(PendingAnswer call) {
    ChannelHandlerContext context = channel();
    UpstreamRequest request = call.request();
    pieces = null;
    boolean reused = !(state instanceof ConnectionState.Idle(boolean fresh) && fresh);
    reader.expects(request);
    ChannelFuture head;
    try {
      head = context.writeAndFlush(request.encode(context.alloc(), call.address()));
    } catch (RuntimeException e) {
      // Its end is noticed as any other's, and fails the call.
      head = context.newFailedFuture(e);
      cause = e;
    }
    state = new ConnectionState.Asked(call, System.nanoTime(), reused);
    byte[] large = request.sentInPieces();
    call.sentOn(this, large == null ? head : null);
    if (cause != null) {
      close();
    } else if (large != null) {
      pieces = new BodyPieces(large, BodyPieces.Framing.BYTES);
      writePieces(context, call);
    } else if (!request.isWhole()) {
      // Later: the caller may not have been given its call yet.
      eventLoop.runOnContext(now -> sending(call));
    }
  }

  private void writePieces(ChannelHandlerContext context, PendingAnswer call) {
    BodyPieces more = pieces;
    ChannelFuture last = more == null ? null : more.write(context);
    if (last != null) {
      pieces = null;
      call.sentBody(last);
    }
  }

  private void sending(PendingAnswer call) {
    if (state.call() == call && !call.over()) {
      call.listener().sending();
    }
  }

  /** Sends a piece of a streamed body; returns whether the server takes more now. */
  @Override
  public boolean write(Buffer piece) {
    ChannelHandlerContext context = channel();
    PendingAnswer call = state.call();
    if (call == null || piece.length() == 0) {
      return true;
    }
    boolean chunked = isChunked(call.request());
    ByteBuf out = context.alloc().ioBuffer(piece.length() + CHUNK_FRAME_BYTES);
    if (chunked) {
      ByteBufUtil.writeAscii(out, Integer.toHexString(piece.length()));
      out.writeShort(CRLF);
    }
    out.writeBytes(piece.getBytes());
    if (chunked) {
      out.writeShort(CRLF);
    }
    // A failure closes the channel, which fails the call.
    ChannelFuture unused = context.writeAndFlush(out);
    return context.channel().isWritable();
  }

  /** Ends a streamed body; done when all of it is written. */
  @Override
  public ChannelFuture endBody(UpstreamRequest request) {
    ChannelHandlerContext context = channel();
    ByteBuf end = context.alloc().ioBuffer(8);
    if (isChunked(request)) {
      ByteBufUtil.writeAscii(end, "0\r\n\r\n");
    }
    return context.writeAndFlush(end);
  }

  private static boolean isChunked(UpstreamRequest request) {
    return request.body() instanceof UpstreamRequest.Body.Streamed(long length) && length < 0;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    PendingAnswer call = state.call();
    if (context.channel().isWritable() && call != null && pieces != null) {
      writePieces(context, call);
    } else if (context.channel().isWritable() && call != null && !call.request().isWhole()) {
      eventLoop.dispatch(
          () -> {
            if (!call.over()) {
              call.listener().writable();
            }
          });
    }
    context.fireChannelWritabilityChanged();
  }

  /** Waits for a first call: the one that it was made for is over. */
  void spare() {
    // Should its server close it meanwhile, that says as little as with one that was used.
    waitsFor(pool.keepAliveNanos());
    pool.idle(server, this);
  }

  private void waitsFor(long keepNanos) {
    long now = System.nanoTime();
    untilNanos = now + Math.min(keepNanos, madeNanos + pool.maxAgeNanos() - now);
    state = new ConnectionState.Idle(false);
  }

  /** Reads the rest of an answer that nobody wants, for a while. */
  @Override
  public void linger() {
    untilNanos = pool.lingers(this);
    autoRead(true);
  }

  @Override
  public void autoRead(boolean on) {
    channel().channel().config().setAutoRead(on);
  }

  /** Whether a call can be sent on it. */
  boolean usable(long nowNanos) {
    return !closed() && channel().channel().isActive() && !overdue(nowNanos);
  }

  /** Whether it has waited longer than it may: idle, or for the rest of an answer. */
  @Override
  public boolean overdue(long nowNanos) {
    return nowNanos - untilNanos >= 0;
  }

  private boolean closed() {
    return state instanceof ConnectionState.Closed;
  }

  /** Closes; the call in progress, if any, fails once the channel is closed. */
  @Override
  public void close() {
    if (!closed()) {
      state = new ConnectionState.Closed(state.call(), isStale());
    }
    // channelInactive reports that it is closed.
    ChannelFuture unused = channel().close();
  }

  private boolean isStale() {
    return state instanceof ConnectionState.Asked(PendingAnswer _, long sentNanos, boolean reused)
        && reused
        && System.nanoTime() - sentNanos < STALE_NANOS;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof HttpObject http)) {
      context.fireChannelRead(message);
      return;
    }
    try {
      if (http instanceof HttpResponse head && isCompressed(context, head)) {
        // From here on the body comes decompressed, beginning with this head once more.
        context.pipeline().addAfter(READER, DECOMPRESSOR, new HttpContentDecompressor(0));
        context.pipeline().context(READER).fireChannelRead(ReferenceCountUtil.retain(head));
        return;
      }
      eventLoop.dispatch(http, reading);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private static boolean isCompressed(ChannelHandlerContext context, HttpResponse head) {
    return head.headers().contains(HttpHeaderNames.CONTENT_ENCODING)
        && context.pipeline().get(DECOMPRESSOR) == null;
  }

  private void read(HttpObject message) {
    if (!closed() && state.call() != null && message.decoderResult().isFailure()) {
      lost(message.decoderResult().cause());
      return;
    }
    switch (state) {
      case ConnectionState.Asked asked -> {
        if (message instanceof HttpResponse head) {
          readHead(asked, head);
        }
        if (message instanceof HttpContent content
            && state instanceof ConnectionState.Answering answering) {
          readContent(answering, content);
        }
      }
      case ConnectionState.Interim(ConnectionState.Asked asked) -> {
        if (message instanceof LastHttpContent) {
          state = asked;
        }
      }
      case ConnectionState.Answering answering -> {
        if (message instanceof HttpContent content) {
          readContent(answering, content);
        } else {
          lost(new IOException("a second answer to one request"));
        }
      }
      case ConnectionState.Idle _, ConnectionState.Answered _, ConnectionState.Closed _ -> close();
    }
  }

  private void readHead(ConnectionState.Asked asked, HttpResponse head) {
    if (head.status().code() == SWITCHING_PROTOCOLS) {
      lost(new IOException("the server switches protocols, which was not asked for"));
      return;
    }
    if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      state = new ConnectionState.Interim(asked);
      return;
    }
    String unread = AnswerDecoder.unreadEncoding(head);
    if (unread != null) {
      lost(new UnreadableAnswerException(unread));
      return;
    }
    PendingAnswer call = asked.call();
    state =
        new ConnectionState.Answering(call, AnswerDecoder.keepNanos(head, pool.keepAliveNanos()));
    if (!call.over()) {
      call.listener().head(head);
    }
  }

  private void readContent(ConnectionState.Answering answering, HttpContent content) {
    PendingAnswer call = answering.call();
    ByteBuf bytes = content.content();
    if (bytes.isReadable() && !call.over()) {
      call.listener().bytes(bytes);
    }
    if (content instanceof LastHttpContent && state.call() == call) {
      end(answering);
    }
  }

  private void end(ConnectionState.Answering answering) {
    PendingAnswer call = answering.call();
    boolean kept = !closed() && answering.keepNanos() > 0 && call.isSent();
    state = new ConnectionState.Answered(answering.keepNanos());
    if (!kept) {
      close();
    }
    call.end();
  }

  /** Only now is it known that nothing came with the answer that belongs to no request. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (state instanceof ConnectionState.Answered(long keepNanos)) {
      if (reader.left()) {
        close();
      } else {
        waitsFor(keepNanos);
        autoRead(true);
        eventLoop.dispatch(this, idle);
      }
    }
    context.fireChannelReadComplete();
  }

  private void idle(Connection self) {
    pool.idle(server, self);
  }

  /** Closes, and fails the call in progress. */
  private void lost(Throwable why) {
    close();
    if (state instanceof ConnectionState.Closed(PendingAnswer call, boolean stale)
        && call != null) {
      state = new ConnectionState.Closed(null, false);
      call.fail(why, stale);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Throwable why = cause == null ? new ClosedChannelException() : cause;
    if (!closed()) {
      state = new ConnectionState.Closed(state.call(), isStale());
    }
    eventLoop.dispatch(
        () -> {
          lost(why);
          pool.closed(server, this);
        });
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    cause = failure;
    close();
  }

  private ChannelHandlerContext channel() {
    ChannelHandlerContext context = channel;
    if (context == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return context;
  }
}
