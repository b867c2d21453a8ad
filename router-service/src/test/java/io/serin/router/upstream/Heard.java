package io.serin.router.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What came of one call. */
final class Heard implements AnswerListener {

  private final CompletableFuture<String> whole = new CompletableFuture<>();
  private final CompletableFuture<String> firstBytes = new CompletableFuture<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final StringBuilder body = new StringBuilder();
  private volatile int status;
  private volatile boolean reused;
  private volatile @Nullable HttpHeaders headers;

  @Override
  public void head(HttpResponse head) {
    status = head.status().code();
    headers = head.headers();
  }

  @Override
  public void bytes(ByteBuf content) {
    body.append(content.toString(StandardCharsets.UTF_8));
    firstBytes.complete(body.toString());
  }

  @Override
  public void ended() {
    whole.complete(body.toString());
  }

  @Override
  public void failed(Throwable why, boolean onReused) {
    reused = onReused;
    failure.complete(why);
    whole.completeExceptionally(why);
    firstBytes.completeExceptionally(why);
  }

  /** Waits for the end of the answer, and returns its body. */
  String body() throws Exception {
    return whole.get(20, TimeUnit.SECONDS);
  }

  /** Waits for the first bytes of the body. */
  String firstBytes() throws Exception {
    return firstBytes.get(20, TimeUnit.SECONDS);
  }

  /** Waits until the call has failed. */
  Throwable failure() throws Exception {
    return failure.get(20, TimeUnit.SECONDS);
  }

  boolean over() {
    return whole.isDone();
  }

  int status() {
    return status;
  }

  boolean reused() {
    return reused;
  }

  String header(String name) {
    HttpHeaders known = headers;
    String value = known == null ? null : known.get(name);
    return value == null ? "" : value;
  }
}
