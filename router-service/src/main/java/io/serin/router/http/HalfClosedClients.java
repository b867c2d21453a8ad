package io.serin.router.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.VertxConnection;
import java.util.concurrent.TimeUnit;

/**
 * Answers clients of HTTP/1.1 that close their sending side behind a request. Such a connection
 * looks like one that is closed altogether until something is written to it. So an answer that
 * begins within {@value #PATIENCE_MILLIS} ms is sent and ends the connection; without one, the
 * client is taken for one that left, and its model is not kept at work. A client that closes its
 * side while it is being answered has left.
 */
final class HalfClosedClients extends ChannelDuplexHandler {
  static final long PATIENCE_MILLIS = 2_000;

  private static final String VERTX = "handler";

  private int waiting;
  private boolean answering;
  private boolean inputEnded;

  private HalfClosedClients() {}

  /** Watches a connection that a client has made; one of HTTP/2 is left as it is. */
  static void watch(HttpConnection connection) {
    if (!(connection instanceof VertxConnection vertx)) {
      return;
    }
    ChannelPipeline pipeline = vertx.channel().pipeline();
    if (pipeline.get("httpDecoder") != null && pipeline.get(VERTX) != null) {
      vertx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      pipeline.addBefore(VERTX, "halfClosed", new HalfClosedClients());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest) {
      waiting++;
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    ChannelFuture written = context.write(message, promise);
    if (message instanceof HttpResponse head
        && head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      return;
    }
    answering = !(message instanceof LastHttpContent);
    if (!answering) {
      waiting--;
      if (inputEnded && waiting <= 0) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (answering || waiting == 0) {
        close(context);
      } else {
        ScheduledFuture<?> unused =
            context
                .executor()
                .schedule(() -> leave(context), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
    context.fireUserEventTriggered(event);
  }

  /** Nothing has begun: the client is taken for one that left. */
  private void leave(ChannelHandlerContext context) {
    if (!answering) {
      close(context);
    }
  }

  private static void close(ChannelHandlerContext context) {
    ChannelFuture unused = context.close();
  }
}
