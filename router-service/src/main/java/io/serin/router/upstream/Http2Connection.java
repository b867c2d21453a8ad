package io.serin.router.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to a model server, many calls at a time: each has a stream of its own, read
 * as HTTP/1.1 is. Confined to its event loop.
 *
 * <p>It takes no further calls once its server says goodbye, once it is old, or once a call gave up
 * waiting while nothing at all came on it; it is closed when its last call has ended.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter {

  /** Most calls at a time; a server may allow fewer. */
  private static final int MOST_STREAMS = 100;

  /** A call that gives up sooner says nothing about the connection. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What the server may send ahead of one stream's reader. */
  private static final int WINDOW_BYTES = 256 << 10;

  private final ConnectionPool pool;
  private final ConnectionPool.Server server;
  private final ContextInternal eventLoop;
  private final Http2FrameCodec frames;
  private final long madeNanos = System.nanoTime();
  private @Nullable Channel channel;
  private long idleNanos = madeNanos;
  private long readNanos = madeNanos;
  private int streams;
  private boolean used;
  private boolean retired;
  private boolean gone;

  private Http2Connection(
      ConnectionPool pool,
      ConnectionPool.Server server,
      ContextInternal eventLoop,
      int maxHeaderBytes) {
    this.pool = pool;
    this.server = server;
    this.eventLoop = eventLoop;
    this.frames =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                new Http2Settings()
                    .pushEnabled(false)
                    .initialWindowSize(WINDOW_BYTES)
                    .maxHeaderListSize(maxHeaderBytes))
            // Closed at once: whoever closes it awaits nothing more.
            .gracefulShutdownTimeoutMillis(0)
            .build();
  }

  /** Speaks HTTP/2 on a socket, in front of the handler of this name. */
  static Http2Connection on(
      ChannelPipeline pipeline,
      String before,
      ConnectionPool pool,
      ConnectionPool.Server server,
      ContextInternal eventLoop,
      int maxHeaderBytes) {
    Http2Connection made = new Http2Connection(pool, server, eventLoop, maxHeaderBytes);
    made.channel = pipeline.channel();
    pipeline.addBefore(before, "frames", made.frames);
    pipeline.addBefore(before, "streams", new Http2MultiplexHandler(new Refusing()));
    pipeline.addBefore(before, "calls", made);
    return made;
  }

  /** A server opens no stream of its own: pushes are switched off. */
  private static final class Refusing extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      ChannelFuture unused = stream.close();
    }
  }

  /** Whether another call can be sent on it. */
  boolean takesMore(long nowNanos) {
    return !retired
        && !gone
        && streams < MOST_STREAMS
        && nowNanos - madeNanos < pool.maxAgeNanos()
        && !frames.connection().goAwayReceived()
        && channel().isActive()
        && (streams > 0 || !overdue(nowNanos))
        && frames.connection().local().canOpenStream();
  }

  /** Whether it has carried no call for longer than it may. */
  boolean overdue(long nowNanos) {
    return streams == 0 && nowNanos - idleNanos > pool.keepAliveNanos();
  }

  /** Sends a call's request on a stream of its own. */
  void send(PendingAnswer call) {
    streams++;
    Http2Call stream = new Http2Call(this, call, eventLoop, used);
    used = true;
    Future<Http2StreamChannel> opening =
        new Http2StreamChannelBootstrap(channel())
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    opened.pipeline().addLast("http", new Http2StreamFrameToHttpObjectCodec(false));
                    opened.pipeline().addLast("call", stream);
                  }
                })
            .open();
    opening.addListener(
        (Future<Http2StreamChannel> opened) -> {
          if (!opened.isSuccess()) {
            // Later, as every failure to connect: the caller has not yet been given its call.
            Throwable why = opened.cause();
            eventLoop.runOnContext(now -> stream.notOpened(why));
          }
        });
  }

  /** A call's stream has ended. */
  void ended() {
    streams--;
    idleNanos = System.nanoTime();
    if (streams == 0 && (retired || gone || frames.connection().goAwayReceived())) {
      close();
    } else {
      pool.streamFree(server, this);
    }
  }

  /** A call gave up that began then: a connection on which nothing came since may be dead. */
  void gaveUp(long sinceNanos) {
    if (readNanos - sinceNanos < 0 && System.nanoTime() - sinceNanos > SILENCE_NANOS) {
      retired = true;
    }
  }

  void close() {
    // channelInactive reports that it is closed.
    ChannelFuture unused = channel().close();
  }

  ConnectionPool pool() {
    return pool;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    // Frames of the connection itself, such as its settings: the codec has obeyed them.
    ReferenceCountUtil.release(frame);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    readNanos = System.nanoTime();
    context.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone = true;
    eventLoop.dispatch(() -> pool.closed(server, this));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    close();
  }

  private Channel channel() {
    Channel made = channel;
    if (made == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return made;
  }
}
