package io.serin.router.upstream;

import io.serin.modelcalls.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that sends the bytes it is told to, whether or not they are HTTP. */
final class ScriptedServer implements AutoCloseable {

  /** Answers one request; the connection is read on afterwards, unless it closed it. */
  @FunctionalInterface
  interface Script {
    void answer(String request, Socket connection) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final Script script;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final CountDownLatch firstClosed = new CountDownLatch(1);

  ScriptedServer(Script script) throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
  }

  ScriptedServer(ServerSocket server, Script script) {
    this.server = server;
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  /** Always these bytes. */
  static Script bytes(String answer) {
    return (request, connection) -> send(connection, answer);
  }

  static void send(Socket connection, String bytes) throws IOException {
    OutputStream out = connection.getOutputStream();
    out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** A whole answer with a length. */
  static String ok(String body, String... headers) {
    return "HTTP/1.1 200 OK\r\n"
        + String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList())
        + "content-length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  Address address() {
    return new Address(false, "127.0.0.1", server.getLocalPort(), "/v1");
  }

  /** All requests as they came, head and body. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  int connections() {
    return connections.get();
  }

  /** Waits until a client has closed a connection. */
  boolean sawClose() throws InterruptedException {
    return firstClosed.await(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket each : open) {
      each.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = server.accept();
        connections.incrementAndGet();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      for (String request = read(in); !request.isEmpty(); request = read(in)) {
        requests.add(request);
        script.answer(request, connection);
      }
    } catch (IOException e) {
      // The client is gone, which is what counts.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    firstClosed.countDown();
  }

  /** One request; empty where the client closed instead. */
  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int at = text.indexOf("content-length: ");
    int length = Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)));
    return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
