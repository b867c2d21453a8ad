package io.serin.router.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** Answers of a model server that is broken, or worse. */
final class HostileAnswers {

  private static final List<String> HEADS =
      List.of(
          "HTTP/1.1 200 OK",
          "HTTP/1.1 200",
          "HTTP/1.0 200 OK",
          "HTTP/1.1 999 Odd",
          "HTTP/1.1 99 Too few",
          "HTTP/1.1 -1 No",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
          "HTTP/1.1 101 Switching Protocols",
          "HTTP/1.1 204 No Content",
          "HTTP/1.1 304 Not Modified",
          "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/",
          "HTTP/1.1 500 Broken",
          "NONSENSE",
          "");
  private static final List<String> FRAMINGS =
      List.of(
          "transfer-encoding: chunked\r\n",
          "content-length: 5\r\n",
          "content-length: 100000\r\n",
          "content-length: -5\r\n",
          "content-length: 5\r\ncontent-length: 6\r\n",
          "content-length: 5\r\ntransfer-encoding: chunked\r\n",
          "connection: close\r\n",
          "content-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
          "x-broken : 1\r\ncontent-length: 5\r\n",
          "x-injected: a\rb\r\ncontent-length: 5\r\n");
  private static final List<String> TYPES =
      List.of(
          "application/json",
          "text/event-stream",
          "text/event-stream; charset=utf-16",
          "text/html",
          "");
  private static final List<String> EVENTS =
      List.of(
          Upstream.ROLE,
          Upstream.CHUNK.formatted("word"),
          Upstream.CHUNK.formatted("\u00e4\u20ac"),
          Upstream.STOP,
          Upstream.USAGE,
          Upstream.DONE,
          "data: {\n\n",
          "data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\n",
          "data: {\"choices\":\"no\"}\n\n",
          "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
          "event: \n\n",
          ": comment\n\n",
          "data\n\n",
          "data:\r\rdata: x\r\n\r\n",
          "id: \u0000\n\n",
          "retry: 99999999999999\n\n",
          "data: " + "x".repeat(100_000) + "\n\n",
          "data: " + "[".repeat(5_000) + "\n\n",
          "\n\n\n\n",
          "\uFEFFdata: {}\n\n");

  private final RandomGenerator random;

  HostileAnswers(RandomGenerator random) {
    this.random = random;
  }

  byte[] next() {
    StringBuilder body = new StringBuilder();
    int events = random.nextInt(8);
    for (int i = 0; i < events; i++) {
      body.append(one(EVENTS));
    }
    String framing = random.nextInt(2) == 0 ? FRAMINGS.getFirst() : one(FRAMINGS);
    String head =
        (random.nextInt(2) == 0 ? HEADS.getFirst() : one(HEADS))
            + "\r\ncontent-type: "
            + (random.nextInt(2) == 0 ? "text/event-stream" : one(TYPES))
            + "\r\n"
            + framing
            + "\r\n";
    String text = framing.contains("chunked") ? chunks(body.toString()) : body.toString();
    byte[] bytes = (head + text).getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(3) == 0) {
      for (int i = random.nextInt(6); i >= 0 && bytes.length > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
    }
    return bytes;
  }

  private String chunks(String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int size = Math.min(text.length() - at, 1 + random.nextInt(400));
      String piece = text.substring(at, at + size);
      int length = piece.getBytes(StandardCharsets.UTF_8).length;
      out.append(Integer.toHexString(length)).append("\r\n").append(piece).append("\r\n");
      at += size;
    }
    return random.nextInt(4) == 0 ? out.toString() : out.append("0\r\n\r\n").toString();
  }

  private String one(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
