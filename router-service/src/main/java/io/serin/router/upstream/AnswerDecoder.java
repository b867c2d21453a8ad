package io.serin.router.upstream;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the answers of one connection, and says whether bytes are left that belong to none. */
final class AnswerDecoder extends HttpResponseDecoder {

  private boolean bodiless;

  AnswerDecoder(HttpDecoderConfig bounds) {
    super(bounds);
  }

  /** The answer that is due next belongs to this request. */
  void expects(UpstreamRequest request) {
    bodiless = request.method().equals("HEAD");
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return bodiless || super.isContentAlwaysEmpty(message);
  }

  boolean left() {
    return actualReadableBytes() > 0;
  }

  /** The coding of an answer that is not decoded here; null if there is none. */
  static @Nullable String unreadEncoding(HttpResponse head) {
    String content = head.headers().get(HttpHeaderNames.CONTENT_ENCODING);
    if (content != null && !HttpHeaderValues.IDENTITY.contentEqualsIgnoreCase(content.strip())) {
      return content;
    }
    for (String transfer : head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING)) {
      if (!HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(transfer.strip())) {
        return transfer;
      }
    }
    return null;
  }

  /** How long the server keeps the connection open after this answer; 0 if it does not. */
  static long keepNanos(HttpResponse head, long mostNanos) {
    if (!HttpUtil.isKeepAlive(head)) {
      return 0;
    }
    String bound = head.headers().get("keep-alive");
    return bound == null
        ? mostNanos
        : Math.min(mostNanos, TimeUnit.SECONDS.toNanos(seconds(bound)));
  }

  /** The seconds of {@code timeout=5, max=100}; a large number if it names none. */
  private static long seconds(String keepAlive) {
    for (String part : keepAlive.split(",", -1)) {
      String[] pair = part.strip().split("=", 2);
      if (pair.length == 2 && pair[0].strip().equalsIgnoreCase("timeout")) {
        try {
          return Math.clamp(Long.parseLong(pair[1].strip()), 0, Integer.MAX_VALUE);
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return Integer.MAX_VALUE;
  }
}
