package io.serin.router.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.serin.modelcalls.Address;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connections to model servers: names, TLS and sockets by Vert.x, HTTP by Netty. A
 * call takes a stream of a connection with HTTP/2, the connection with HTTP/1.1 that was idle last,
 * or a new one; where a server has as many as it may, it waits. Confined to the loop, on whose
 * context it must be made.
 */
public final class ConnectionPool {

  /** How long the rest of an answer may take that is complete for who asked. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long SWEEP_MILLIS = 500;
  private static final String HTTP_2 = "h2";

  private record Key(boolean tls, String host, int port) {}

  /** Connections to one server. */
  static final class Server {
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final ArrayDeque<PendingAnswer> waiting = new ArrayDeque<>();
    private final List<Http2Connection> shared = new ArrayList<>();
    private int open;
    private int connecting;

    /** Whether it spoke HTTP/2 last: calls wait for a connection that is being made. */
    private boolean http2;

    private Server(boolean http2) {
      this.http2 = http2;
    }
  }

  private final ContextInternal eventLoop;
  private final NetClient client;
  private final PoolSettings settings;
  private final HttpDecoderConfig bounds;
  private final ClientSSLOptions tls =
      new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
  private final Map<Key, Server> servers = new HashMap<>();
  private final Set<CallLine> lingering = new HashSet<>();

  /** A pool of the event loop on which this is called. */
  public ConnectionPool(Vertx vertx, PoolSettings settings) {
    this.eventLoop = (ContextInternal) vertx.getOrCreateContext();
    this.client =
        vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true).setTcpKeepAlive(true));
    this.settings = settings;
    if (settings.http2()) {
      tls.setUseAlpn(true).setApplicationLayerProtocols(List.of(HTTP_2, "http/1.1"));
    }
    this.bounds = new HttpDecoderConfig().setMaxHeaderSize(settings.maxHeaderBytes());
    vertx.setPeriodic(SWEEP_MILLIS, timer -> sweep());
  }

  /**
   * Sends a request.
   *
   * @param connectMillis until a connection is there, in milliseconds, at least 1
   */
  public PendingAnswer call(
      Address address, long connectMillis, UpstreamRequest request, AnswerListener listener) {
    PendingAnswer call = new PendingAnswer(address, connectMillis, request, listener);
    Server server =
        servers.computeIfAbsent(
            new Key(address.tls(), address.host(), address.port()),
            key -> new Server(speaksHttp2(address)));
    Http2Connection shared = sharedOf(server);
    if (shared != null) {
      shared.send(call);
      return call;
    }
    // A body that passes through cannot be sent twice, so a connection is made that cannot be
    // stale.
    boolean fresh = !request.isWhole() && server.open < settings.mostPerServer();
    Connection known = fresh ? null : takeIdle(server);
    if (known != null) {
      known.send(call);
    } else if (server.open < settings.mostPerServer() && !(server.http2 && server.connecting > 0)) {
      connect(server, call);
    } else {
      server.waiting.add(call);
    }
    return call;
  }

  /** A connection with HTTP/2 that takes one more call; null if there is none. */
  private static @Nullable Http2Connection sharedOf(Server server) {
    long now = System.nanoTime();
    for (Http2Connection each : server.shared) {
      if (each.takesMore(now)) {
        return each;
      }
    }
    return null;
  }

  private @Nullable Connection takeIdle(Server server) {
    long now = System.nanoTime();
    for (Connection last = server.idle.pollLast(); last != null; last = server.idle.pollLast()) {
      if (last.usable(now)) {
        return last;
      }
      last.close();
    }
    return null;
  }

  private void connect(Server server, PendingAnswer call) {
    server.open++;
    server.connecting++;
    Future<NetSocket> connecting;
    try {
      connecting = client.connect(options(call));
    } catch (RuntimeException e) {
      // Later, as every failure to connect: the caller has not yet been given its call.
      eventLoop.runOnContext(now -> notConnected(server, call, e));
      return;
    }
    connecting.onComplete(
        socket -> connected(server, call, socket), failure -> notConnected(server, call, failure));
  }

  /** Where to connect to. Throws where the address is not one, such as port 99999. */
  private ConnectOptions options(PendingAnswer call) {
    String host = bare(call.address().host());
    ConnectOptions options =
        new ConnectOptions()
            .setHost(host)
            .setPort(call.address().port())
            .setTimeout(Math.clamp(call.connectMillis(), 1, Integer.MAX_VALUE));
    if (call.address().tls()) {
      options.setSsl(true).setSslOptions(tls);
      if (named(host)) {
        options.setSniServerName(host);
      }
    }
    return options;
  }

  private void notConnected(Server server, PendingAnswer call, Throwable why) {
    server.open--;
    server.connecting--;
    call.fail(why, false);
    serveWaiting(server);
  }

  /** Whether it is a name: TLS has no server name of an address. */
  private static boolean named(String host) {
    return host.indexOf(':') < 0 && !host.matches("[0-9.]+");
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private void connected(Server server, PendingAnswer call, NetSocket socket) {
    ChannelHandlerContext vertx = ((NetSocketInternal) socket).channelHandlerContext();
    if (!vertx.channel().isActive()) {
      notConnected(server, call, new ClosedChannelException());
      return;
    }
    server.connecting--;
    ChannelPipeline pipeline = vertx.pipeline();
    String last = vertx.name();
    server.http2 = HTTP_2.equals(socket.applicationLayerProtocol()) || speaksHttp2(call.address());
    if (server.http2) {
      Http2Connection made =
          Http2Connection.on(pipeline, last, this, server, eventLoop, settings.maxHeaderBytes());
      server.shared.add(made);
      if (!call.over()) {
        made.send(call);
      }
      serveWaiting(server);
      return;
    }
    AnswerDecoder reader = new AnswerDecoder(bounds);
    Connection made = new Connection(this, server, eventLoop, reader, System.nanoTime());
    pipeline.addBefore(last, Connection.READER, reader);
    pipeline.addBefore(last, "answers", made);
    if (call.over()) {
      made.spare();
    } else {
      made.send(call);
    }
  }

  private boolean speaksHttp2(Address address) {
    return !address.tls()
        && settings.http2Servers().contains(address.host() + ":" + address.port());
  }

  /** A stream of a connection with HTTP/2 has ended. */
  void streamFree(Server server, Http2Connection connection) {
    if (!server.waiting.isEmpty() && connection.takesMore(System.nanoTime())) {
      PendingAnswer next = nextWaiting(server);
      if (next != null) {
        connection.send(next);
      }
    }
  }

  /** A connection with HTTP/2 is gone. */
  void closed(Server server, Http2Connection connection) {
    server.shared.remove(connection);
    server.open--;
    serveWaiting(server);
  }

  /** A connection waits for its next call. */
  void idle(Server server, Connection connection) {
    lingering.remove(connection);
    PendingAnswer next = nextWaiting(server);
    if (next == null) {
      server.idle.add(connection);
    } else {
      connection.send(next);
    }
  }

  /** A connection is gone. */
  void closed(Server server, Connection connection) {
    lingering.remove(connection);
    server.idle.remove(connection);
    server.open--;
    serveWaiting(server);
  }

  private void serveWaiting(Server server) {
    for (Http2Connection shared = sharedOf(server); shared != null; shared = sharedOf(server)) {
      PendingAnswer next = nextWaiting(server);
      if (next == null) {
        return;
      }
      shared.send(next);
    }
    PendingAnswer next = server.open < settings.mostPerServer() ? nextWaiting(server) : null;
    if (next != null) {
      connect(server, next);
    }
  }

  private static @Nullable PendingAnswer nextWaiting(Server server) {
    PendingAnswer next = server.waiting.poll();
    while (next != null && next.over()) {
      next = server.waiting.poll();
    }
    return next;
  }

  /** Until when the rest of an answer is awaited. */
  long lingers(CallLine line) {
    lingering.add(line);
    return System.nanoTime() + LINGER_NANOS;
  }

  /** The rest of an answer is there, or nobody awaits it any more. */
  void lingered(CallLine line) {
    lingering.remove(line);
  }

  long keepAliveNanos() {
    return settings.keepAlive().toNanos();
  }

  long maxAgeNanos() {
    return settings.maxAge().toNanos();
  }

  private void sweep() {
    long now = System.nanoTime();
    for (Server server : servers.values()) {
      Iterator<Connection> each = server.idle.iterator();
      while (each.hasNext()) {
        Connection connection = each.next();
        if (connection.overdue(now)) {
          each.remove();
          connection.close();
        }
      }
      server.shared.stream().filter(shared -> shared.overdue(now)).forEach(Http2Connection::close);
    }
    for (CallLine line : List.copyOf(lingering)) {
      if (line.overdue(now)) {
        line.close();
      }
    }
  }
}
