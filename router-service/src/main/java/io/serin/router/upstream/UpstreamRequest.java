package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.serin.modelcalls.Address;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to a model server.
 *
 * @param method the HTTP method
 * @param target path and query, from the root of the server
 * @param headers without those that frame the body, which are left out: they are added. Its {@code
 *     host} is sent instead of the server's own. Names must be tokens of RFC 9110, and no value may
 *     hold a control character other than a tab, or a letter beyond Latin-1
 * @param body its body, uncompressed
 */
public record UpstreamRequest(String method, String target, HttpHeaders headers, Body body) {

  /** A request's body. */
  public sealed interface Body {

    /** A body that is there; empty for none. */
    @SuppressWarnings("ArrayRecordComponent") // Made for every call, never compared.
    record Whole(byte[] bytes) implements Body {}

    /**
     * A body that is written piece by piece, to the {@link PendingAnswer}.
     *
     * @param length in bytes; negative if it is not known
     */
    record Streamed(long length) implements Body {}
  }

  /** A POST with its whole body. */
  public static UpstreamRequest post(String target, HttpHeaders headers, byte[] body) {
    return new UpstreamRequest("POST", target, headers, new Body.Whole(body));
  }

  /**
   * A larger body is copied to the socket's buffers piece by piece: in one, a server that reads
   * slowly would have all of it copied outside the heap.
   */
  private static final int ONE_BUFFER_BYTES = 256 << 10;

  private static final int HEAD_BYTES = 512;
  private static final String SEPARATORS = "()<>@,;:\\\"/[]?={}";
  private static final int CRLF = '\r' << 8 | '\n';

  /**
   * Checks what could change how the request is framed.
   *
   * @throws IllegalArgumentException if the target holds a blank, a control character, or is empty;
   *     or if a header has a name or value that cannot be sent
   */
  public UpstreamRequest {
    if (!isName(method)) {
      throw new IllegalArgumentException("method: must be a token of RFC 9110");
    }
    if (!isTarget(target)) {
      throw new IllegalArgumentException(
          "target is \"" + target + "\": must be a path without blanks and control characters");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      if (!isName(header.getKey())) {
        throw new IllegalArgumentException("a header's name must be a token of RFC 9110");
      }
      if (!isValue(header.getValue())) {
        throw new IllegalArgumentException(
            "header " + header.getKey() + ": the value must be one line of Latin-1");
      }
    }
  }

  private static boolean isName(CharSequence name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c >= 0x7f || SEPARATORS.indexOf(c) >= 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static boolean isValue(CharSequence value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a text can stand in a request's first line: not empty, no blank, nothing that controls.
   */
  public static boolean isTarget(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) == 0x7f) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** Whether all of it is there, so that it can be sent a second time. */
  boolean isWhole() {
    return body instanceof Body.Whole;
  }

  /** The body where it is sent piece by piece although it is there; null for all others. */
  byte @Nullable [] sentInPieces() {
    return body instanceof Body.Whole(byte[] bytes) && bytes.length > ONE_BUFFER_BYTES
        ? bytes
        : null;
  }

  /**
   * The head, and the body if it is whole and not large, as they go over the wire: in one buffer,
   * for one system call.
   */
  ByteBuf encode(ByteBufAllocator allocator, Address address) {
    boolean withBody = body instanceof Body.Whole && sentInPieces() == null;
    int length = withBody && body instanceof Body.Whole(byte[] bytes) ? bytes.length : 0;
    ByteBuf out = allocator.ioBuffer(HEAD_BYTES + target.length() + length);
    ByteBufUtil.writeAscii(out, method);
    out.writeByte(' ');
    ByteBufUtil.writeUtf8(out, target);
    ByteBufUtil.writeAscii(out, " HTTP/1.1\r\nhost: ");
    String host = headers.get(HttpHeaderNames.HOST);
    ByteBufUtil.writeAscii(out, host == null ? authority(address) : host);
    out.writeShort(CRLF);
    switch (body) {
      case Body.Whole(byte[] bytes) when bytes.length == 0 && !method.equals("POST") -> {}
      case Body.Whole(byte[] bytes) -> writeLength(out, bytes.length);
      case Body.Streamed(long known) when known >= 0 -> writeLength(out, known);
      case Body.Streamed _ -> ByteBufUtil.writeAscii(out, "transfer-encoding: chunked\r\n");
    }
    writeHeaders(out);
    return withBody && body instanceof Body.Whole(byte[] bytes) ? out.writeBytes(bytes) : out;
  }

  /** The same for a connection that frames messages itself; without a body that follows later. */
  HttpRequest toHttp(Address address) {
    boolean withBody = body instanceof Body.Whole && sentInPieces() == null;
    HttpRequest http =
        withBody && body instanceof Body.Whole(byte[] bytes)
            ? new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(method),
                target,
                Unpooled.wrappedBuffer(bytes))
            : new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target);
    http.headers().set(headers);
    http.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
    http.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
    if (!http.headers().contains(HttpHeaderNames.HOST)) {
      http.headers().set(HttpHeaderNames.HOST, authority(address));
    }
    switch (body) {
      case Body.Whole(byte[] bytes) when bytes.length == 0 && !method.equals("POST") -> {}
      case Body.Whole(byte[] bytes) ->
          http.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
      case Body.Streamed(long known) when known >= 0 ->
          http.headers().set(HttpHeaderNames.CONTENT_LENGTH, known);
      case Body.Streamed _ -> {}
    }
    return http;
  }

  private static void writeLength(ByteBuf out, long length) {
    ByteBufUtil.writeAscii(out, "content-length: ");
    ByteBufUtil.writeAscii(out, Long.toString(length));
    out.writeShort(CRLF);
  }

  private void writeHeaders(ByteBuf out) {
    Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      if (frames(header.getKey())) {
        continue;
      }
      ByteBufUtil.writeAscii(out, header.getKey());
      out.writeShort(':' << 8 | ' ');
      ByteBufUtil.writeAscii(out, header.getValue());
      out.writeShort(CRLF);
    }
    out.writeShort(CRLF);
  }

  /** What is written once, by {@link #encode} itself. */
  private static boolean frames(CharSequence name) {
    return HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)
        || HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)
        || HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name);
  }

  private static String authority(Address address) {
    int usual = address.tls() ? 443 : 80;
    String host =
        address.host().indexOf(':') >= 0 && !address.host().startsWith("[")
            ? "[" + address.host() + "]"
            : address.host();
    return address.port() == usual ? host : host + ":" + address.port();
  }
}
