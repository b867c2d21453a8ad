package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.modelcalls.Address;
import java.util.Iterator;
import java.util.Map;

/**
 * A request with its whole body.
 *
 * @param target path and query, from the root of the server
 * @param headers without those that frame the body, which are left out: they are added. Its {@code
 *     host} is sent instead of the server's own. They must have been checked when they were set, as
 *     Netty's are unless told otherwise: no value may hold a line break
 * @param body its bytes, uncompressed
 */
@SuppressWarnings("ArrayRecordComponent") // Made for every call, compared by nobody.
public record PostRequest(String target, HttpHeaders headers, byte[] body) {

  private static final int HEAD_BYTES = 512;
  private static final int CRLF = '\r' << 8 | '\n';

  /**
   * @throws IllegalArgumentException if the target holds a blank, a control character, or is empty
   */
  public PostRequest {
    if (!isTarget(target)) {
      throw new IllegalArgumentException(
          "target is \"" + target + "\": must be a path without blanks and control characters");
    }
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

  /** Head and body as they go over the wire, in one buffer, so that one system call sends them. */
  ByteBuf encode(ByteBufAllocator allocator, Address address) {
    ByteBuf out = allocator.ioBuffer(HEAD_BYTES + target.length() + body.length);
    ByteBufUtil.writeAscii(out, "POST ");
    ByteBufUtil.writeUtf8(out, target);
    ByteBufUtil.writeAscii(out, " HTTP/1.1\r\nhost: ");
    String host = headers.get(HttpHeaderNames.HOST);
    ByteBufUtil.writeAscii(out, host == null ? authority(address) : host);
    ByteBufUtil.writeAscii(out, "\r\ncontent-length: ");
    ByteBufUtil.writeAscii(out, Integer.toString(body.length));
    out.writeShort(CRLF);
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
    return out.writeBytes(body);
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
