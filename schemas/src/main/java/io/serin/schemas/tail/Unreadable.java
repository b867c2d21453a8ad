package io.serin.schemas.tail;

import io.serin.schemas.serdes.SchemaRegistryException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Why a record could not be read. The one place that decides between skipping it and waiting:
 * docs/decisions/0050 gives the reasons.
 */
public sealed interface Unreadable {

  /** What failed, for logs. */
  String why();

  /** The bytes can never be read as a record of this topic: skip and count it. */
  record Poison(String why) implements Unreadable {}

  /** The registry, a broker or a permission is missing: the same bytes may be readable later. */
  record Unavailable(String why) implements Unreadable {}

  /**
   * Decides by the first cause that names the registry, the network or a permission. Anything else
   * is the record's fault.
   *
   * @param failure what a deserializer or consumer threw; null counts as poison
   */
  static Unreadable of(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SchemaRegistryException registry) {
        return registry.retriable()
            ? new Unavailable(cause.toString())
            : new Poison(cause.toString());
      }
      if (unavailable(cause)) {
        return new Unavailable(cause.toString());
      }
    }
    Throwable said = failure != null && failure.getCause() != null ? failure.getCause() : failure;
    return new Poison(String.valueOf(said));
  }

  private static boolean unavailable(Throwable cause) {
    return cause instanceof RetriableException
        || cause instanceof AuthorizationException
        || cause instanceof AuthenticationException
        || cause instanceof InterruptException // a reader that is being closed skips nothing
        || cause instanceof InterruptedIOException // socket timeouts included
        || cause instanceof SocketException
        || cause instanceof UnknownHostException
        || cause instanceof UnresolvedAddressException
        || cause instanceof HttpTimeoutException
        || cause instanceof ClosedChannelException
        || cause instanceof SSLException
        // Confluent's own client is not on the class path unless a deployment adds it.
        || cause.getClass().getSimpleName().equals("RestClientException");
  }
}
