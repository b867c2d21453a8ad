package io.serin.router.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Requests that break HTTP or JSON, or try to hide a second request in the first. Each carries a
 * token that only its own connection may ever see again; a hidden request carries the token with
 * "hidden-" before it.
 */
final class HostileRequests {

  private static final List<String> LENGTHS =
      List.of(
          "-1",
          "+5",
          "5, 6",
          "5,5",
          "0x10",
          "99999999999999999999",
          "1e3",
          "",
          " ",
          "5 ",
          "\t7",
          "007",
          "2147483648");
  private static final List<String> ENCODINGS =
      List.of(
          "chunked",
          "Chunked",
          "chunked, chunked",
          "identity, chunked",
          "chunked, identity",
          "xchunked",
          " chunked",
          "chunked ",
          "\tchunked",
          "chunked;q=1",
          "gzip, chunked",
          "\"chunked\"",
          "chun\u0000ked",
          "identity");
  private static final List<String> LINES =
      List.of(
          "GET /v1/chat/completions HTTP/1.1",
          "POST /v1/chat/completions HTTP/0.9",
          "POST /v1/chat/completions HTTP/2.0",
          "POST /v1/chat/completions http/1.1",
          "POST  /v1/chat/completions  HTTP/1.1",
          "POST http://127.0.0.1:1/v1/chat/completions HTTP/1.1",
          "POST /v1/chat/completions\tHTTP/1.1",
          "POST /v1/../v1/chat/completions HTTP/1.1",
          "POST /v1/chat/completions%0d%0ax-injected:%201 HTTP/1.1",
          "POST /v1/chat/completions#x HTTP/1.1",
          "POST * HTTP/1.1",
          "CONNECT 127.0.0.1:1 HTTP/1.1",
          "PRI * HTTP/2.0",
          "\u0000POST /v1/chat/completions HTTP/1.1",
          "POST /v1/chat/completions");
  private static final List<String> HEADERS =
      List.of(
          "x-broken : 1",
          " x-folded: 1",
          "x-obs: 1\r\n folded",
          "x-nul: a\u0000b",
          "x-cr: a\rx-injected: 1",
          "x-lf: a\nx-injected: 1",
          ": empty",
          "no colon here",
          "host: second",
          "connection: close, x-user-id, content-length",
          "connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA",
          "expect: 100-continue",
          "expect: 200-maybe",
          "content-encoding: gzip",
          "content-encoding: br",
          "x-request-id: forged",
          "x-user-id: \u00e4\u00f6\u00fc",
          "authorization: Bearer \u0007",
          "te: trailers",
          "trailer: content-length");
  private static final List<String> BODIES =
      List.of(
          "",
          "{",
          "[]",
          "null",
          "{\"model\":5}",
          "{\"model\":[\"assistant\"],\"messages\":[]}",
          "{\"model\":\"assistant\",\"model\":\"nobody\",\"messages\":[]}",
          "{\"model\":\"assistant\",\"stream\":\"yes\",\"messages\":[]}",
          "{\"model\":\"assistant\",\"messages\":{}}",
          "{\"model\":\"assistant\",\"user\":{},\"messages\":[]}",
          "{\"model\":\"assistant\",\"n\":1e999999,\"messages\":[]}",
          "{\"model\":\"assistant\",\"messages\":[{\"content\":\"\\ud800\"}]}",
          "{\"model\":\"assistant\",\"messages\":[]}}}}",
          "{\"model\":\"assistant\",\"stream_options\":7,\"stream\":true,\"messages\":[]}",
          "\uFEFF{\"model\":\"assistant\",\"messages\":[]}",
          "{\"model\":\"assistant\",\"messages\":[],}",
          "{'model':'assistant'}",
          "[".repeat(5_000),
          "{\"a\":".repeat(2_000));

  private final RandomGenerator random;

  HostileRequests(RandomGenerator random) {
    this.random = random;
  }

  /** The bytes of one connection. */
  byte[] next(String token) {
    boolean mutate = random.nextInt(3) == 0;
    byte[] bytes =
        switch (random.nextInt(9)) {
          case 0 -> request(one(LINES), "", length(good(token)), good(token));
          case 1 -> request(post(), one(HEADERS) + "\r\n", length(good(token)), good(token));
          case 2 -> request(post(), "", "content-length: " + one(LENGTHS) + "\r\n", good(token));
          case 3 ->
              request(post(), "", "transfer-encoding: " + one(ENCODINGS) + "\r\n", chunked(token));
          // Where a mutation breaks one of two framings, what the other ends before is an honest
          // second request.
          case 4 -> ambiguous(mutate ? token : "hidden-" + token);
          case 5 -> request(post(), "", length(body()), body());
          case 6 -> request(post(), "", "transfer-encoding: chunked\r\n", brokenChunks(token));
          case 7 -> pipelined(token);
          default ->
              request(
                  post(),
                  "x-long: " + "y".repeat(random.nextInt(200_000)) + "\r\n",
                  length(good(token)),
                  good(token));
        };
    return mutate ? mutated(bytes) : bytes;
  }

  static String good(String token) {
    return "{\"model\":\"assistant\",\"user\":\""
        + token
        + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + token
        + "\"}]}";
  }

  static String wellFormed(String token) {
    String body = good(token);
    return post()
        + "\r\nhost: router\r\ncontent-type: application/json\r\n"
        + length(body)
        + "\r\n"
        + body;
  }

  private static String post() {
    return "POST /v1/chat/completions HTTP/1.1";
  }

  /** Two framings that disagree, with a second request in what only one of them calls the body. */
  private byte[] ambiguous(String token) {
    String hidden = wellFormed(token);
    String both =
        switch (random.nextInt(4)) {
          case 0 -> length("0\r\n\r\n" + hidden) + "transfer-encoding: " + one(ENCODINGS) + "\r\n";
          case 1 -> "transfer-encoding: chunked\r\n" + length("0\r\n\r\n" + hidden);
          case 2 -> "content-length: 5\r\n" + length("0\r\n\r\n" + hidden);
          default ->
              "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\ncontent-length: 5\r\n";
        };
    return request(post(), "", both, "0\r\n\r\n" + hidden);
  }

  private byte[] pipelined(String token) {
    String one = wellFormed(token);
    String many = one.repeat(1 + random.nextInt(4));
    return many.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String chunked(String token) {
    String body = good(token);
    int cut = random.nextInt(1, body.length());
    return Integer.toHexString(cut)
        + "\r\n"
        + body.substring(0, cut)
        + "\r\n"
        + Integer.toHexString(body.length() - cut)
        + "\r\n"
        + body.substring(cut)
        + "\r\n0\r\n\r\n";
  }

  private String brokenChunks(String token) {
    String body = good(token);
    return one(
        List.of(
            "-1\r\n" + body,
            "zz\r\n" + body + "\r\n0\r\n\r\n",
            "FFFFFFFFFFFFFFFF\r\n" + body,
            Integer.toHexString(body.length())
                + ";"
                + "e".repeat(70_000)
                + "\r\n"
                + body
                + "\r\n0\r\n\r\n",
            Integer.toHexString(body.length()) + "\n" + body + "\n0\n\n",
            Integer.toHexString(body.length() - 3) + "\r\n" + body + "\r\n0\r\n\r\n",
            Integer.toHexString(body.length())
                + "\r\n"
                + body
                + "\r\n0\r\ncontent-length: 9\r\nx-injected: 1\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n"));
  }

  private String body() {
    return one(BODIES);
  }

  private static String length(String body) {
    return "content-length: " + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n";
  }

  private static byte[] request(String line, String header, String framing, String body) {
    return (line
            + "\r\nhost: router\r\ncontent-type: application/json\r\n"
            + header
            + framing
            + "\r\n"
            + body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] mutated(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 16);
    double rate = 1.0 / (1 + random.nextInt(200));
    for (byte each : bytes) {
      if (random.nextDouble() >= rate) {
        out.write(each);
      } else {
        switch (random.nextInt(4)) {
          case 0 -> out.write(random.nextInt(256));
          case 1 -> {
            // left out
          }
          case 2 -> {
            out.write(each);
            out.write(each);
          }
          default -> out.writeBytes(new byte[] {'\r', '\n'});
        }
      }
    }
    byte[] all = out.toByteArray();
    return random.nextInt(4) == 0
        ? java.util.Arrays.copyOf(all, random.nextInt(all.length + 1))
        : all;
  }

  private String one(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
