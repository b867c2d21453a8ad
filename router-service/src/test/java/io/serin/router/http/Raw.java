package io.serin.router.http;

import io.serin.router.front.RouterServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that shows what really is on the wire. */
final class Raw {

  private Raw() {}

  /** Everything that the connection carries until it is closed. */
  static String answer(RouterServer router, String path, String body, String... headers) {
    try (Socket socket = post(router, path, body, headers)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A connection on which this was sent. */
  static Socket post(RouterServer router, String path, String body, String... headers)
      throws IOException {
    Socket socket = new Socket();
    // Small, so that what waits for a client that does not read waits in the router.
    socket.setReceiveBufferSize(8 << 10);
    socket.connect(
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), URI.create(router.url()).getPort()));
    socket.setSoTimeout(20_000);
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nhost: router\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    head.append("content-length: ").append(bytes.length).append("\r\n\r\n");
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
    return socket;
  }
}
