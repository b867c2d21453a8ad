package io.serin.benchmarks.router;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Sends a {@link Load} from one event loop and checks every answer: a wrong status, an answer that
 * is not the stub's, a stream without its end, and a connection that closes are failures.
 */
final class LoadClient implements AutoCloseable {

  private static final int USERS = 1000;
  private static final String EXPECTED = "Put the egg into boiling water";
  private static final long STALL_NANOS =
      TimeUnit.MILLISECONDS.toNanos(3L * StubUpstream.PACE_MILLIS);

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /**
   * Runs the load and returns what it saw. Blocks.
   *
   * @param cpuSeconds that whoever is measured has used so far
   */
  Measured run(Load load, DoubleSupplier cpuSeconds) throws InterruptedException {
    Run run = new Run(load);
    for (int i = 0; i < load.connections(); i++) {
      run.connect(i);
    }
    Thread.sleep(load.warmUp());
    run.record(true);
    double cpu = cpuSeconds.getAsDouble();
    long begun = System.nanoTime();
    Thread.sleep(load.time());
    run.record(false);
    double seconds = (System.nanoTime() - begun) / 1e9;
    cpu = cpuSeconds.getAsDouble() - cpu;
    run.stop();
    return run.measured(seconds, cpu);
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Confined to the event loop, but for what {@link LoadClient#run} does by way of it. */
  private final class Run {
    private final Load load;
    private final List<ByteBuf> requests = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private boolean recording;
    private boolean stopping;
    private long[] nanos = new long[1 << 16];
    private int answered;
    private long failed;
    private long stalls;
    private String firstFailure = "";

    Run(Load load) {
      this.load = load;
      for (int user = 0; user < USERS; user++) {
        requests.add(request(user));
      }
    }

    private ByteBuf request(int user) {
      String body =
          "{\"model\":\"assistant\",\"stream\":"
              + load.stream()
              + ",\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful cook. Answer in one"
              + " sentence.\"},{\"role\":\"user\",\"content\":\"How do I boil an egg?\"}]}";
      StringBuilder head =
          new StringBuilder("POST ")
              .append(load.path())
              .append(
                  " HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nx-user-id: user-")
              .append(user)
              .append("\r\n");
      load.headers()
          .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
      head.append("content-length: ").append(body.length()).append("\r\n\r\n").append(body);
      byte[] bytes = head.toString().getBytes(StandardCharsets.US_ASCII);
      return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
    }

    void connect(int index) throws InterruptedException {
      Channel channel =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                      made.pipeline()
                          .addLast(new HttpResponseDecoder())
                          .addLast(new Asking(Run.this, index));
                    }
                  })
              .connect("127.0.0.1", load.port())
              .sync()
              .channel();
      channels.add(channel);
    }

    void record(boolean on) throws InterruptedException {
      loop.submit(() -> recording = on).sync();
    }

    void stop() throws InterruptedException {
      loop.submit(() -> stopping = true).sync();
      for (Channel channel : channels) {
        channel.close().sync();
      }
      requests.forEach(ByteBuf::release);
    }

    Measured measured(double seconds, double cpuSeconds) {
      return new Measured(
          answered,
          failed,
          seconds,
          cpuSeconds,
          new LatencyHistogram(nanos, answered),
          stalls,
          firstFailure);
    }

    void answered(long latency) {
      if (!recording) {
        return;
      }
      if (answered == nanos.length) {
        nanos = Arrays.copyOf(nanos, answered * 2);
      }
      nanos[answered++] = latency;
    }

    void failed(String why) {
      if (stopping) {
        return;
      }
      failed++;
      if (firstFailure.isEmpty()) {
        firstFailure = why;
      }
    }
  }

  @SuppressWarnings(
      "FutureReturnValueIgnored") // A write that fails closes the channel, which counts.
  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final Run run;
    private int user;
    private long sentAt;
    private long firstAt;
    private long lastAt;
    private int status;
    private final StringBuilder text = new StringBuilder();

    Asking(Run run, int index) {
      this.run = run;
      this.user = index * 37 % USERS;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      send(context);
    }

    private void send(ChannelHandlerContext context) {
      text.setLength(0);
      firstAt = 0;
      lastAt = 0;
      status = 0;
      user = (user + 1) % USERS;
      sentAt = System.nanoTime();
      context.writeAndFlush(run.requests.get(user).retainedDuplicate());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      try {
        if (message instanceof HttpResponse response) {
          status = response.status().code();
        }
        if (message instanceof HttpContent content) {
          piece(content.content());
          if (message instanceof LastHttpContent) {
            done(context);
          }
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    private void piece(ByteBuf bytes) {
      if (!bytes.isReadable()) {
        return;
      }
      text.append(bytes.toString(StandardCharsets.ISO_8859_1));
      if (!run.load.stream()) {
        return;
      }
      long now = System.nanoTime();
      if (firstAt == 0) {
        if (text.indexOf("\" egg\"") < 0) {
          return;
        }
        firstAt = now;
      } else if (now - lastAt > STALL_NANOS && run.recording) {
        run.stalls++;
      }
      lastAt = now;
    }

    private void done(ChannelHandlerContext context) {
      boolean right =
          run.load.stream()
              ? text.indexOf("data: [DONE]") >= 0 && firstAt != 0
              : text.indexOf(EXPECTED) >= 0;
      if (status == 200 && right) {
        run.answered((run.load.stream() ? firstAt : System.nanoTime()) - sentAt);
      } else {
        run.failed("status " + status + ": " + text.substring(0, Math.min(200, text.length())));
      }
      if (!run.stopping) {
        send(context);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      run.failed("the connection was closed, after " + text.length() + " bytes of an answer");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      run.failed(cause.toString());
      context.close();
    }
  }
}
