package io.serin.router.capture;

import io.serin.router.memory.MemoryBudget;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.ShadowPlan;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redacts and seals captured payloads on a thread of its own and hands them on. Best effort: where
 * more arrive than the thread can do, they are dropped and counted, and no request waits. A payload
 * whose rules cannot be applied is handed on without its texts. Thread-safe.
 */
public final class PayloadCapture implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PayloadCapture.class);

  /** A key that is missing is looked for this often. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The rules of a command; null where they cannot be used. */
  private record Compiled(Command command, @Nullable CaptureRules rules, long atNanos) {}

  /** Most bytes and characters of bodies and answers that wait. */
  private final long maxWaitingBytes =
      MemoryBudget.capturesOfHeap(Runtime.getRuntime().maxMemory());

  private final Consumer<CapturedPayload> next;
  private final UnaryOperator<@Nullable String> secrets;
  private final Function<String, String> hash;
  private final LongSupplier nanoTime;
  private final SecureRandom random = new SecureRandom();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final ThreadPoolExecutor executor;

  /** By rollout; of the executor's only thread. */
  private final Map<String, Compiled> compiled = new HashMap<>();

  /**
   * @param next takes payloads that may leave, on this class's thread
   * @param secrets reads a key by its reference, env:NAME or file:PATH; null where it leads to
   *     nothing
   * @param hash of a text, keyed by a secret that all routers of the deployment share
   * @param queue how many payloads may wait, at least 1
   */
  public PayloadCapture(
      Consumer<CapturedPayload> next,
      UnaryOperator<@Nullable String> secrets,
      Function<String, String> hash,
      LongSupplier nanoTime,
      int queue) {
    this.next = next;
    this.secrets = secrets;
    this.hash = hash;
    this.nanoTime = nanoTime;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            Thread.ofPlatform().name("serin-capture").daemon().factory());
  }

  /**
   * Takes a payload, whose buffers must not change any more. Never blocks.
   *
   * @param command that it was captured under
   */
  public void submit(CapturedPayload payload, Command command) {
    long size = size(payload);
    if (waitingBytes.addAndGet(size) > maxWaitingBytes) {
      waitingBytes.addAndGet(-size);
      dropped.incrementAndGet();
      return;
    }
    try {
      executor.execute(
          () -> {
            waitingBytes.addAndGet(-size);
            prepareAndHandOn(payload, command);
          });
    } catch (RejectedExecutionException e) {
      waitingBytes.addAndGet(-size);
      dropped.incrementAndGet();
    }
  }

  /** Payloads dropped since the start. */
  public long dropped() {
    return dropped.get();
  }

  /** Payloads that wait. */
  public int waiting() {
    return executor.getQueue().size();
  }

  /** Waits up to five seconds for what waits. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
        dropped.addAndGet(executor.shutdownNow().size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void prepareAndHandOn(CapturedPayload payload, Command command) {
    try {
      CaptureRules rules = rules(command);
      if (rules == null) {
        CaptureRules.clear(payload);
        payload.setOmitted(CaptureRules.REDACTION_FAILED);
      } else {
        rules.apply(payload);
      }
      next.accept(payload);
    } catch (RuntimeException e) {
      dropped.incrementAndGet();
      LOG.atWarn()
          .addKeyValue("reason", e.getClass().getSimpleName())
          .addKeyValue("event", "payload-dropped")
          .log("payload dropped, it cannot be prepared");
    }
  }

  private @Nullable CaptureRules rules(Command command) {
    Compiled known = compiled.get(command.getRollout());
    long now = nanoTime.getAsLong();
    if (known != null
        && known.command().getRevision() == command.getRevision()
        && known.command().getRun().equals(command.getRun())) {
      CaptureRules rules = known.rules();
      boolean complete = rules != null && !rules.incomplete();
      if (complete || now - known.atNanos() < LOOK_AGAIN_NANOS) {
        return rules;
      }
    }
    CaptureRules rules = compile(command);
    compiled.put(command.getRollout(), new Compiled(command, rules, now));
    return rules;
  }

  private @Nullable CaptureRules compile(Command command) {
    ShadowPlan plan = command.getShadow();
    if (plan == null) {
      return null;
    }
    try {
      CaptureRules rules = CaptureRules.of(command, plan, secrets, hash, random);
      if (rules.incomplete()) {
        LOG.atWarn()
            .addKeyValue("event", "payload-key-missing")
            .addKeyValue("rollout", command.getRollout())
            .addKeyValue("key", plan.getSealKey())
            .log("payloads leave without their texts: the key cannot be read");
      }
      return rules;
    } catch (IllegalArgumentException e) {
      LOG.atWarn()
          .addKeyValue("event", "payload-rules-unusable")
          .addKeyValue("rollout", command.getRollout())
          .addKeyValue("reason", e.getMessage())
          .log("payloads leave without their texts: the rules cannot be used");
      return null;
    }
  }

  private static long size(CapturedPayload payload) {
    String text = payload.getServedText();
    return (long) payload.getRequestBody().remaining() + (text == null ? 0 : text.length());
  }
}
