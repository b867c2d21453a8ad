package io.serin.cli.stack;

import io.serin.cli.stack.supervise.ProcessPlan;
import io.serin.cli.stack.supervise.StackEvent;
import io.serin.cli.stack.supervise.StackException;
import io.serin.cli.stack.supervise.StackProcess;
import io.serin.cli.stack.supervise.StopOrder;
import io.serin.cli.stack.supervise.SupervisedProcess;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A running stack: each part a process of its own, started again when it dies, with the same ports.
 * {@link #close} stops the routers first, then the services, the registry and the broker; so does
 * the end of this JVM. Should this JVM be killed, its children end by themselves. Thread-safe.
 */
public final class Stack implements AutoCloseable {

  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration STOP_RECORDING = Duration.ofMinutes(4);
  private static final Duration EARLIER_CHILDREN = Duration.ofSeconds(20);

  private final DataFolder folder;
  private final StackPlan plan;
  private final ProgressListener progress;
  private final Map<String, SupervisedProcess> processes = new LinkedHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread hook = new Thread(this::shutDown, "serin-stack-stop");

  private Stack(DataFolder folder, StackPlan plan, ProgressListener progress) {
    this.folder = folder;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Starts what the options ask for and returns once everything answers. Blocks.
   *
   * @throws StackException if something is in the way: a port taken, a disk full, a folder in use,
   *     a process that does not start; nothing is left running
   */
  public static Stack start(StackOptions options, ProgressListener progress)
      throws StackException, InterruptedException {
    DataFolder folder = DataFolder.open(options.data());
    Stack stack;
    try {
      folder.awaitEarlierChildren(EARLIER_CHILDREN);
      stack = new Stack(folder, StackPlan.of(options, folder), progress);
    } catch (StackException | InterruptedException | RuntimeException e) {
      folder.close();
      throw e;
    }
    try {
      Runtime.getRuntime().addShutdownHook(stack.hook);
      stack.begin(options);
      return stack;
    } catch (StackException | InterruptedException | RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private void begin(StackOptions options) throws StackException, InterruptedException {
    for (List<ProcessPlan> wave : plan.waves()) {
      List<SupervisedProcess> started = new ArrayList<>();
      for (ProcessPlan process : wave) {
        started.add(launch(process));
      }
      for (SupervisedProcess process : started) {
        await(process, options.startTimeout());
      }
    }
  }

  private SupervisedProcess launch(ProcessPlan process) throws StackException {
    try {
      SupervisedProcess supervised = new SupervisedProcess(process, this::tell);
      synchronized (processes) {
        if (closed.get()) {
          throw new StackException("the stack was stopped while it started");
        }
        processes.put(process.name(), supervised);
      }
      supervised.start();
      return supervised;
    } catch (IOException e) {
      throw new StackException(
          "the log " + process.log() + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static void await(SupervisedProcess process, Duration bound)
      throws StackException, InterruptedException {
    try {
      process.firstReady().get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StackException cause
          ? cause
          : new StackException(process.name() + " cannot be started: " + e, e);
    } catch (TimeoutException e) {
      throw new StackException(
          process.name()
              + " did not answer within "
              + bound.toSeconds()
              + " s; its last lines, from "
              + process.snapshot().log()
              + ":\n  "
              + String.join("\n  ", process.lastLines()),
          e);
    }
  }

  private synchronized void tell(StackEvent event) {
    progress.on(event);
  }

  /** Where clients send their requests: one base URL, without /v1, for each router. */
  public List<URI> routerUrls() {
    return urls("router", "url");
  }

  /** Where each router tells its health and metrics. */
  public List<URI> routerAdminUrls() {
    return urls("router", "adminUrl");
  }

  /** The control API; empty if analytics does not run. */
  public Optional<URI> controlUrl() {
    return urls("analytics", "url").stream().findFirst();
  }

  /** The worker's health and metrics; empty if it does not run. */
  public Optional<URI> workerUrl() {
    return urls("worker", "url").stream().findFirst();
  }

  /** How the stack's services reach Kafka and the registry, and how others may. */
  public KafkaConnection kafka() {
    return plan.kafka();
  }

  /** Confluent's API of the registry in use. */
  public URI registryUrl() {
    return URI.create(plan.kafka().registryUrl());
  }

  /** The folder that keeps everything. */
  public Path data() {
    return folder.path();
  }

  /** What the process said of itself when it last became ready; empty if it never did. */
  public Map<String, String> details(String name) {
    return process(name).details();
  }

  /** All processes, in the order in which they were started. */
  public List<StackProcess> processes() {
    synchronized (processes) {
      return processes.values().stream().map(SupervisedProcess::snapshot).toList();
    }
  }

  /**
   * Kills a process (SIGKILL), as a crash would, and returns once it is dead; it is started again.
   *
   * @throws IllegalArgumentException if no process has that name
   */
  public void kill(String name) {
    process(name).kill();
  }

  /** Stops every process, the routers first, each within a bound. Idempotent. */
  @Override
  public void close() {
    shutDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook runs or has run.
    }
  }

  private void shutDown() {
    List<SupervisedProcess> running;
    synchronized (processes) {
      if (!closed.compareAndSet(false, true)) {
        return;
      }
      running = List.copyOf(processes.values());
    }
    try {
      StopOrder.stop(running, recording() ? STOP_RECORDING : STOP);
      plan.caches().make(Path.of(System.getProperty("java.home"), "bin", "java"));
    } catch (InterruptedException e) {
      running.forEach(SupervisedProcess::kill);
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("start-up caches could not be put in their place", e);
    } finally {
      folder.close();
    }
  }

  private boolean recording() {
    return plan.caches().mode() == CacheMode.RECORD;
  }

  /** Whether a process started slower than it could, for want of a start-up cache. */
  public boolean cachesMissing() {
    return plan.caches().missing();
  }

  private List<URI> urls(String part, String field) {
    synchronized (processes) {
      return processes.values().stream()
          .filter(p -> p.name().equals(part) || p.name().startsWith(part + "-"))
          .map(p -> p.details().get(field))
          .filter(url -> url != null)
          .map(URI::create)
          .toList();
    }
  }

  private SupervisedProcess process(String name) {
    synchronized (processes) {
      SupervisedProcess found = processes.get(name);
      if (found == null) {
        throw new IllegalArgumentException(
            "the stack has no process \"" + name + "\", only " + processes.keySet());
      }
      return found;
    }
  }

  /**
   * Waits until a process answers.
   *
   * @return whether it does within {@code bound}
   */
  public boolean awaitAnswering(String name, Duration bound) throws InterruptedException {
    return process(name).awaitAnswering(bound);
  }
}
