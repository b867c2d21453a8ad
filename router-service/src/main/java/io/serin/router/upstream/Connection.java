package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a model server, one call at a time. Whatever comes on it while no
 * answer is due closes it, so that no answer can reach the wrong request.
 */
final class Connection extends ChannelInboundHandlerAdapter {

  /** Name of the handler that reads HTTP, in front of this one. */
  static final String READER = "http";

  /** Reads answers, and tells whether bytes are left that belong to none. */
  static final class Reader extends HttpResponseDecoder {
    Reader(HttpDecoderConfig bounds) {
      super(bounds);
    }

    boolean left() {
      return actualReadableBytes() > 0;
    }
  }

  private final ConnectionPool pool;
  private final ConnectionPool.Server server;
  private final ContextInternal eventLoop;
  private final Reader reader;
  private final long madeNanos;
  private final Handler<HttpObject> reading = this::read;
  private final Handler<Connection> idle = this::idle;
  private @Nullable ChannelHandlerContext channel;
  private @Nullable PendingAnswer current;
  private @Nullable ChannelFuture written;
  private @Nullable Throwable cause;
  private boolean used;
  private boolean reused;
  private boolean answered;
  private boolean interim;
  private boolean keptOpen;
  private boolean decompressing;
  private boolean ended;
  private boolean closed;
  private long keepNanos;
  private long untilNanos;

  Connection(
      ConnectionPool pool,
      ConnectionPool.Server server,
      ContextInternal eventLoop,
      Reader reader,
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
    current = call;
    call.sentOn(this);
    reused = used;
    used = true;
    answered = false;
    keptOpen = false;
    keepNanos = pool.keepAliveNanos();
    try {
      written = context.writeAndFlush(call.request().encode(context.alloc(), call.address()));
    } catch (RuntimeException e) {
      // Its end is noticed as any other's, and fails the call.
      cause = e;
      close();
    }
  }

  /** Waits for a first call: the one that it was made for is over. */
  void spare() {
    // Should its server close it meanwhile, that says as little as with one that was used.
    used = true;
    keepNanos = pool.keepAliveNanos();
    untilNanos = idleUntil();
    pool.idle(server, this);
  }

  /** Reads on without anybody who listens, for a while. */
  void linger() {
    untilNanos = pool.lingers(this);
    autoRead(true);
  }

  void autoRead(boolean on) {
    channel().channel().config().setAutoRead(on);
  }

  /** Whether a call can be sent on it. */
  boolean usable(long nowNanos) {
    return !closed && channel().channel().isActive() && nowNanos - untilNanos < 0;
  }

  /** Whether it has waited longer than it may: idle, or for the rest of an answer. */
  boolean overdue(long nowNanos) {
    return nowNanos - untilNanos >= 0;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // channelInactive tells that it is closed.
  void close() {
    closed = true;
    channel().close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof HttpObject http)) {
      context.fireChannelRead(message);
      return;
    }
    try {
      if (http instanceof HttpResponse head && compressed(head)) {
        // From here on the body comes decompressed, beginning with this head once more.
        decompressing = true;
        context.pipeline().addAfter(READER, "decompressor", new HttpContentDecompressor(0));
        context.pipeline().context(READER).fireChannelRead(ReferenceCountUtil.retain(head));
        return;
      }
      eventLoop.dispatch(http, reading);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private boolean compressed(HttpResponse head) {
    return !decompressing && head.headers().contains(HttpHeaderNames.CONTENT_ENCODING);
  }

  private void read(HttpObject message) {
    PendingAnswer call = current;
    if (closed || call == null) {
      close();
      return;
    }
    if (message.decoderResult().isFailure()) {
      lost(message.decoderResult().cause());
      return;
    }
    if (message instanceof HttpResponse head) {
      interim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
      if (head.status().code() == 101 || (!interim && answered)) {
        lost(new IOException("the server answered what was not asked"));
        return;
      }
      if (!interim) {
        begin(call, head);
      }
    }
    if (message instanceof HttpContent content && !interim) {
      ByteBuf bytes = content.content();
      if (bytes.isReadable() && !call.over()) {
        call.listener().bytes(bytes);
      }
    }
    if (message instanceof LastHttpContent && !interim) {
      end(call);
    }
  }

  private void begin(PendingAnswer call, HttpResponse head) {
    answered = true;
    keptOpen = HttpUtil.isKeepAlive(head);
    String bound = head.headers().get("keep-alive");
    if (bound != null) {
      keepNanos = Math.min(keepNanos, TimeUnit.SECONDS.toNanos(seconds(bound)));
    }
    if (!call.over()) {
      call.listener().head(head);
    }
  }

  /** The seconds of {@code timeout=5, max=100}; a large number where it says none. */
  private static long seconds(String keepAlive) {
    for (String part : keepAlive.split(",", -1)) {
      String[] pair = part.strip().split("=", 2);
      if (pair.length == 2 && pair[0].strip().equalsIgnoreCase("timeout")) {
        try {
          return Math.clamp(Long.parseLong(pair[1].strip()), 0, Integer.MAX_VALUE);
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return Integer.MAX_VALUE;
  }

  private void end(PendingAnswer call) {
    ChannelFuture sent = written;
    current = null;
    written = null;
    if (!closed && keptOpen && sent != null && sent.isSuccess()) {
      ended = true;
    } else {
      close();
    }
    call.end();
  }

  /** Only now is it known that nothing came with the answer that belongs to no request. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (ended) {
      ended = false;
      if (reader.left()) {
        close();
      } else if (!closed) {
        untilNanos = idleUntil();
        autoRead(true);
        eventLoop.dispatch(this, idle);
      }
    }
    context.fireChannelReadComplete();
  }

  private void idle(Connection self) {
    pool.idle(server, self);
  }

  private long idleUntil() {
    long now = System.nanoTime();
    return now + Math.min(keepNanos, madeNanos + pool.maxAgeNanos() - now);
  }

  /** Closes, and tells who waits. */
  private void lost(Throwable why) {
    PendingAnswer call = current;
    current = null;
    close();
    if (call != null) {
      call.fail(why, reused);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closed = true;
    Throwable why = cause == null ? new ClosedChannelException() : cause;
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
