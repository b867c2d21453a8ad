package io.serin.router.kafka;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.TopicAdmin;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
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
   * says what to do, where a topic has another number of partitions than the settings say.
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
      Admin admin = null;
      try {
        admin = kafka.admin();
        done.complete(TopicAdmin.ensure(admin, kafka.partitions(), kafka.replication()));
        return;
      } catch (IllegalStateException e) {
        LOG.atError()
            .addKeyValue("event", "topics-differ")
            .addKeyValue("error", e.getMessage())
            .log("topics differ");
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
      } finally {
        if (admin != null) {
          admin.close(Duration.ZERO);
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
