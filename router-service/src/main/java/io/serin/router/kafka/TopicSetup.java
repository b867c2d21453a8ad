package io.serin.router.kafka;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.start.Service;
import io.serin.schemas.start.StartCheck;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that Serin's topics exist, as soon as Kafka answers. The router never waits for it.
 */
public final class TopicSetup implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KafkaConnection kafka;
  private final CompletableFuture<Set<String>> done = new CompletableFuture<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("topic-setup").unstarted(this::run);
  private volatile boolean closing;

  public TopicSetup(KafkaConnection kafka) {
    this.kafka = kafka;
  }

  public void start() {
    thread.start();
  }

  /**
   * Completes with the topics that were created; exceptionally, with an IllegalStateException that
   * says what is wrong and what to do: {@link StartCheck}.
   */
  public CompletableFuture<Set<String>> done() {
    return done.copy();
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    boolean warned = false;
    while (!closing) {
      try {
        done.complete(StartCheck.run(kafka, Service.ROUTER));
        return;
      } catch (IllegalStateException e) {
        LOG.atError()
            .addKeyValue("event", "start-check-failed")
            .addKeyValue("error", e.getMessage())
            .log("Kafka or the registry is not as this router needs it");
        done.completeExceptionally(e);
        return;
      } catch (KafkaException e) {
        if (!warned && !closing) {
          warned = true;
          LOG.atWarn()
              .addKeyValue("event", "topics-not-checked")
              .addKeyValue("error", e.toString())
              .log("topics are checked when Kafka answers");
        }
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
