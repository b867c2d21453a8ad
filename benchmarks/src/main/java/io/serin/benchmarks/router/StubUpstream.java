package io.serin.benchmarks.router;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A model server that costs next to nothing: one event loop, answers made beforehand. A request
 * that asks for a stream gets {@link #EVENTS} content events, {@link #PACE_MILLIS} apart, then its
 * usage where that was asked for, and the end.
 */
public final class StubUpstream {

  /** Flags of its JVM: the last has timers below ten milliseconds kept exactly too. */
  static final List<String> FLAGS =
      List.of("-XX:+UseSerialGC", "-Xmx192m", "-Dio.netty.channel.epoll.epollWaitThreshold=0");

  private static final int MOST_BYTES = 16 << 20;

  /** A larger body is not looked into: its answer is whole. */
  private static final int LARGE_BYTES = 1 << 20;

  /** Content events of a stream. */
  static final int EVENTS = 20;

  /** Time between two events of a stream, in milliseconds. */
  static final int PACE_MILLIS = 20;

  private static final String ANSWER =
      "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1764000000,\"model\":\"stub\","
          + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Put the egg into boiling"
          + " water, wait seven minutes, then hold it under cold water until it can be peeled.\"},"
          + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":21,\"completion_tokens\":19,"
          + "\"total_tokens\":40,\"prompt_tokens_details\":{\"cached_tokens\":16}}}";

  private static final ByteBuf WHOLE =
      fixed(
          "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
              + ANSWER.length()
              + "\r\n\r\n"
              + ANSWER);
  private static final ByteBuf STREAM_HEAD =
      fixed(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
              + chunk(event("{\"role\":\"assistant\",\"content\":\"\"}", "null")));
  private static final ByteBuf CONTENT = fixed(chunk(event("{\"content\":\" egg\"}", "null")));
  private static final ByteBuf LAST = fixed(chunk(event("{}", "\"stop\"")));
  private static final ByteBuf USAGE =
      fixed(
          chunk(
              "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,"
                  + "\"model\":\"stub\",\"choices\":[],\"usage\":{\"prompt_tokens\":21,"
                  + "\"completion_tokens\":20,\"total_tokens\":41}}\n\n"));
  private static final ByteBuf DONE = fixed(chunk("data: [DONE]\n\n") + "0\r\n\r\n");

  private StubUpstream() {}

  /** Listens on a free port of the loopback and prints it. */
  public static void main(String[] args) throws InterruptedException {
    // NIO's timers are whole milliseconds: what they round up would be told of whoever is measured.
    boolean precise = Epoll.isAvailable();
    var loop =
        new MultiThreadIoEventLoopGroup(
            1, precise ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    Channel channel =
        new ServerBootstrap()
            .group(loop)
            .channel(precise ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accepted
                        .pipeline()
                        .addLast(new HttpRequestDecoder())
                        .addLast(new HttpObjectAggregator(MOST_BYTES))
                        .addLast(new Answering());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    System.out.println("listening " + ((InetSocketAddress) channel.localAddress()).getPort());
    channel.closeFuture().sync();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // A client that left needs no answer.
  private static final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (request.content().readableBytes() > LARGE_BYTES) {
        context.writeAndFlush(WHOLE.duplicate());
        return;
      }
      String body = request.content().toString(StandardCharsets.ISO_8859_1);
      if (!body.contains("\"stream\":true")) {
        context.writeAndFlush(WHOLE.duplicate());
        return;
      }
      context.writeAndFlush(STREAM_HEAD.duplicate());
      boolean usage = body.contains("\"include_usage\":true");
      next(context, EVENTS, usage);
    }

    private static void next(ChannelHandlerContext context, int left, boolean usage) {
      context
          .executor()
          .schedule(
              () -> {
                if (!context.channel().isActive()) {
                  return;
                }
                if (left > 0) {
                  context.writeAndFlush(CONTENT.duplicate());
                  next(context, left - 1, usage);
                  return;
                }
                context.write(LAST.duplicate());
                if (usage) {
                  context.write(USAGE.duplicate());
                }
                context.writeAndFlush(DONE.duplicate());
              },
              PACE_MILLIS,
              TimeUnit.MILLISECONDS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // The peer left.
    }
  }

  private static ByteBuf fixed(String text) {
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly());
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private static String event(String delta, String finish) {
    return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,"
        + "\"model\":\"stub\",\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":"
        + finish
        + "}]}\n\n";
  }
}
