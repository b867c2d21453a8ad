package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.FullHttpMessage;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call on a stream of an HTTP/2 connection. A call that its server provably did not process may
 * be sent again: its stream was refused, or lies beyond the last one of the server's goodbye.
 */
final class Http2Call extends ChannelInboundHandlerAdapter implements CallLine {

  /** As with HTTP/1.1: a lost connection that was used before, just as this call was sent. */
  private static final long STALE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** What the codec adds to a head. */
  private static final List<HttpConversionUtil.ExtensionHeaderNames> OWN_HEADERS =
      List.of(HttpConversionUtil.ExtensionHeaderNames.values());

  /** Where the call stands. */
  private enum State {
    ASKED,
    ANSWERING,
    ENDED
  }

  private final Http2Connection connection;
  private final PendingAnswer call;
  private final ContextInternal eventLoop;
  private final boolean reused;
  private final long sentNanos = System.nanoTime();
  private State state = State.ASKED;
  private boolean left;
  private boolean decompressing;
  private long untilNanos = Long.MAX_VALUE;
  private @Nullable ChannelHandlerContext channel;
  private @Nullable Throwable cause;
  private @Nullable BodyPieces pieces;

  Http2Call(
      Http2Connection connection, PendingAnswer call, ContextInternal eventLoop, boolean reused) {
    this.connection = connection;
    this.call = call;
    this.eventLoop = eventLoop;
    this.reused = reused;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    send(context);
    context.fireChannelActive();
  }

  private void send(ChannelHandlerContext context) {
    if (call.over()) {
      close();
      return;
    }
    UpstreamRequest request = call.request();
    byte[] large = request.sentInPieces();
    ChannelFuture head = context.writeAndFlush(request.toHttp(call.address()));
    head.addListener(
        done -> {
          if (!done.isSuccess()) {
            cause = done.cause();
            close();
          }
        });
    call.sentOn(this, large == null ? head : null);
    if (large != null) {
      pieces = new BodyPieces(large, BodyPieces.Framing.CONTENTS);
      writePieces(context);
    } else if (!request.isWhole()) {
      // Later: the caller may not have been given its call yet.
      eventLoop.runOnContext(
          now -> {
            if (state != State.ENDED && !call.over()) {
              call.listener().sending();
            }
          });
    }
  }

  private void writePieces(ChannelHandlerContext context) {
    BodyPieces more = pieces;
    ChannelFuture last = more == null ? null : more.write(context);
    if (last != null) {
      pieces = null;
      call.sentBody(last);
    }
  }

  /** No stream could be had. */
  void notOpened(Throwable why) {
    leave();
    call.fail(why, true);
  }

  @Override
  public boolean write(Buffer piece) {
    ChannelHandlerContext context = context();
    if (piece.length() == 0) {
      return true;
    }
    // A failure closes the stream, which fails the call.
    ChannelFuture unused =
        context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece.getBytes())));
    return context.channel().isWritable();
  }

  @Override
  public ChannelFuture endBody(UpstreamRequest request) {
    return context().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable() && pieces != null) {
      writePieces(context);
    } else if (context.channel().isWritable() && !call.request().isWhole()) {
      eventLoop.dispatch(
          () -> {
            if (!call.over()) {
              call.listener().writable();
            }
          });
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void autoRead(boolean on) {
    context().channel().config().setAutoRead(on);
  }

  @Override
  public void linger() {
    untilNanos = connection.pool().lingers(this);
    autoRead(true);
  }

  @Override
  public boolean overdue(long nowNanos) {
    return nowNanos - untilNanos >= 0;
  }

  /** Closes the stream: the server sees it reset unless the answer is complete. */
  @Override
  public void close() {
    if (state == State.ASKED && cause == null) {
      connection.gaveUp(sentNanos);
    }
    ChannelHandlerContext context = channel;
    if (context != null) {
      // channelInactive reports that it is closed.
      ChannelFuture unused = context.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpResponse head && isCompressed(head)) {
        decompressing = true;
        // From here on the body comes decompressed, beginning with this head once more.
        context.pipeline().addAfter("http", "decompressor", new HttpContentDecompressor(0));
        context.pipeline().context("http").fireChannelRead(ReferenceCountUtil.retain(head));
      } else if (message instanceof HttpObject http) {
        eventLoop.dispatch(http, this::read);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private boolean isCompressed(HttpResponse head) {
    return !decompressing && head.headers().contains(HttpHeaderNames.CONTENT_ENCODING);
  }

  private void read(HttpObject message) {
    if (message.decoderResult().isFailure()) {
      lost(message.decoderResult().cause(), false);
      return;
    }
    if (message instanceof HttpResponse head && state == State.ASKED) {
      if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        return;
      }
      readHead(head);
    }
    if (message instanceof HttpContent content
        && state == State.ANSWERING
        && !(message instanceof FullHttpMessage full && isInterim(full))) {
      readContent(content);
    }
  }

  private static boolean isInterim(FullHttpMessage message) {
    return message instanceof HttpResponse head
        && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void readHead(HttpResponse head) {
    String unread = AnswerDecoder.unreadEncoding(head);
    if (unread != null) {
      lost(new UnreadableAnswerException(unread), false);
      return;
    }
    for (HttpConversionUtil.ExtensionHeaderNames own : OWN_HEADERS) {
      head.headers().remove(own.text());
    }
    state = State.ANSWERING;
    if (!call.over()) {
      call.listener().head(head);
    }
  }

  private void readContent(HttpContent content) {
    ByteBuf bytes = content.content();
    if (bytes.isReadable() && !call.over()) {
      call.listener().bytes(bytes);
    }
    if (content instanceof LastHttpContent && state == State.ANSWERING) {
      state = State.ENDED;
      // What of the request is not sent yet is not wanted any more.
      close();
      call.end();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      boolean refused = reset.errorCode() == Http2Error.REFUSED_STREAM.code();
      Throwable why = new IOException("the server reset the stream, error " + reset.errorCode());
      eventLoop.dispatch(() -> lost(why, refused));
    } else if (event instanceof Http2GoAwayFrame) {
      // Only streams that the server says it did not process hear of it.
      eventLoop.dispatch(() -> lost(new IOException("the server closes the connection"), true));
    }
    ReferenceCountUtil.release(event);
  }

  /** Closes the stream, and fails the call. */
  private void lost(Throwable why, boolean unprocessed) {
    boolean asked = state == State.ASKED;
    if (state != State.ENDED) {
      state = State.ENDED;
      cause = why;
      close();
      call.fail(why, unprocessed && asked);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    boolean stale = state == State.ASKED && reused && System.nanoTime() - sentNanos < STALE_NANOS;
    Throwable why = cause == null ? new ClosedChannelException() : cause;
    eventLoop.dispatch(
        () -> {
          lost(why, stale);
          leave();
        });
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    boolean refused =
        failure instanceof Http2Exception wrong && wrong.error() == Http2Error.REFUSED_STREAM;
    eventLoop.dispatch(() -> lost(failure, refused));
  }

  private void leave() {
    if (!left) {
      left = true;
      state = State.ENDED;
      connection.pool().lingered(this);
      connection.ended();
    }
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext context = channel;
    if (context == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return context;
  }
}
