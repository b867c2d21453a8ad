package io.serin.worker.call;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body for a thread that waits with a deadline. Asks the connection for the next piece
 * only when the last was taken, so that it never holds more than two.
 */
final class BodyPipe implements Flow.Subscriber<List<ByteBuffer>> {

  private sealed interface Piece {
    record Bytes(ByteBuffer bytes) implements Piece {}

    record End() implements Piece {}

    record Broken(Throwable cause) implements Piece {}
  }

  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean cancelled;

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    if (cancelled) {
      subscription.cancel();
    } else {
      subscription.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    int length = buffers.stream().mapToInt(ByteBuffer::remaining).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    buffers.forEach(all::put);
    pieces.add(new Piece.Bytes(all.flip()));
  }

  @Override
  public void onError(Throwable cause) {
    pieces.add(new Piece.Broken(cause));
  }

  @Override
  public void onComplete() {
    pieces.add(new Piece.End());
  }

  /**
   * The next bytes; null at the body's end.
   *
   * @throws TimeoutException if none came within the time
   * @throws IOException if the connection broke
   */
  byte @Nullable [] next(long nanos) throws InterruptedException, TimeoutException, IOException {
    Piece piece = pieces.poll(nanos, TimeUnit.NANOSECONDS);
    return switch (piece) {
      case null -> throw new TimeoutException();
      case Piece.Bytes(ByteBuffer buffer) -> {
        Flow.Subscription from = subscription;
        if (from != null) {
          from.request(1);
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        yield bytes;
      }
      case Piece.End() -> null;
      case Piece.Broken(Throwable cause) -> throw new IOException("the body broke off", cause);
    };
  }

  /** Frees the connection; harmless after the end. */
  void cancel() {
    cancelled = true;
    Flow.Subscription from = subscription;
    if (from != null) {
      from.cancel();
    }
  }
}
