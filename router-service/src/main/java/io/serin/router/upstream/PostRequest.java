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
 *     host} is sent instead of the server's own. Names must be tokens of RFC 9110, and no value may
 *     hold a control character other than a tab, or a letter beyond Latin-1
 * @param body its bytes, uncompressed
 */
@SuppressWarnings("ArrayRecordComponent") // Made for every call, compared by nobody.
public record PostRequest(String target, HttpHeaders headers, byte[] body) {

  private static final int HEAD_BYTES = 512;
  private static final String SEPARATORS = "()<>@,;:\\\"/[]?={}";
  private static final int CRLF = '\r' << 8 | '\n';

  /**
   * Checks what could change how the request is framed.
   *
   * @throws IllegalArgumentException if the target holds a blank, a control character, or is empty;
   *     or if a header has a name or value that cannot be sent
   */
  public PostRequest {
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
