package io.serin.worker;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiException;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantTarget;
import io.serin.worker.ReplayPlan.Replay;
import io.serin.worker.ReplayPlan.Skip;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a captured request into its results: exactly one for each candidate of the plan, or one
 * that says why none was asked. Waits for places, budget and candidates that are away, so it blocks
 * for as long as it takes; for virtual threads. Thread-safe.
 */
final class Replayer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);

  /** Reason where the captured body is no request that can be sent. */
  static final String UNREADABLE = "unreadable-request";

  /** Reason where the worker itself failed; its log says why. */
  static final String FAILED = "failed";

  /**
   * What bounds a replay.
   *
   * @param attempts of one model, first included, before a failure is final: 1 or more
   * @param patience for the command that a payload was captured under
   */
  record Settings(int attempts, Backoff backoff, Duration patience) {
    Settings {
      if (attempts < 1) {
        throw new IllegalArgumentException("attempts is " + attempts + ": it must be at least 1");
      }
    }
  }

  private final ModelCaller caller;
  private final CommandTable commands;
  private final Settings settings;
  private final DoubleSupplier share;
  private final WorkerMetrics metrics;
  private final InstantSource clock;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final ExecutorService sides = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param share of the rollouts' budgets that is this worker's, in (0, 1]
   */
  Replayer(
      ModelCaller caller,
      CommandTable commands,
      Settings settings,
      DoubleSupplier share,
      WorkerMetrics metrics,
      InstantSource clock) {
    this.caller = caller;
    this.commands = commands;
    this.settings = settings;
    this.share = share;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** The results of one captured request; never empty. */
  List<ShadowResult> replay(CapturedPayload payload) throws InterruptedException {
    Command command =
        commands.await(payload.getRollout(), payload.getRevision(), settings.patience());
    Endpoint endpoint = Endpoint.ofId(payload.getEndpoint());
    CompletionRequest request = endpoint == null ? null : request(endpoint, payload);
    if (request == null) {
      return List.of(skip(payload, "", UNREADABLE));
    }
    return switch (ReplayPlan.of(payload, command)) {
      case Skip(String reason) -> List.of(skip(payload, "", reason));
      case Replay plan -> replay(payload, request, plan);
    };
  }

  @Override
  public void close() {
    sides.shutdownNow();
  }

  private List<ShadowResult> replay(CapturedPayload payload, CompletionRequest request, Replay plan)
      throws InterruptedException {
    Lane lane = lanes.computeIfAbsent(payload.getRollout(), ignored -> new Lane());
    List<ShadowResult> results = new ArrayList<>();
    for (VariantTarget candidate : plan.candidates()) {
      lane.gate().enter(() -> places(payload));
      metrics.entered();
      try {
        results.add(new Pair(payload, request, candidate.getName(), lane).ask());
      } catch (RuntimeException e) {
        results.add(deadLetter(payload, candidate, e));
      } finally {
        metrics.left();
        lane.gate().leave();
      }
    }
    return List.copyOf(results);
  }

  /** A fault of ours must not hold up all that come after it: it is told, and passed by. */
  private ShadowResult deadLetter(
      CapturedPayload payload, VariantTarget candidate, RuntimeException fault) {
    LOG.atError()
        .addKeyValue("event", "replay.failed")
        .addKeyValue("rollout", payload.getRollout())
        .addKeyValue("requestId", payload.getRequestId())
        .addKeyValue("cause", fault.getClass().getName())
        .log("a replay failed in a way that it does not know");
    return skip(payload, candidate.getName(), FAILED);
  }

  private int places(CapturedPayload payload) {
    Command command = commands.get(payload.getRollout());
    ShadowPlan plan = command == null ? null : command.getShadow();
    return plan == null ? 1 : (int) Math.round(plan.getMaxConcurrency() * share.getAsDouble());
  }

  private static @Nullable CompletionRequest request(Endpoint endpoint, CapturedPayload payload) {
    byte[] body = new byte[payload.getRequestBody().remaining()];
    payload.getRequestBody().duplicate().get(body);
    try {
      return CompletionRequest.read(endpoint, body);
    } catch (OpenAiException e) {
      return null;
    }
  }

  private ShadowResult skip(CapturedPayload payload, String variant, String reason) {
    metrics.skipped(reason);
    return Results.skipped(payload, variant, reason, clock.instant());
  }

  /** The plan changed while a pair waited: there is nobody to ask any more. */
  private static final class OverException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    OverException(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }

  /** One candidate beside, where drawn, control. */
  private final class Pair {
    private final CapturedPayload payload;
    private final CompletionRequest request;
    private final String candidate;
    private final Lane lane;

    Pair(CapturedPayload payload, CompletionRequest request, String candidate, Lane lane) {
      this.payload = payload;
      this.request = request;
      this.candidate = candidate;
      this.lane = lane;
    }

    ShadowResult ask() throws InterruptedException {
      try {
        Replay plan = plan();
        if (plan.control() == null) {
          return result(askCandidate(), null);
        }
        // At the same time, in an order drawn by the request: neither side is always the first.
        boolean controlFirst = Draw.basisPoints("order", payload.getRequestId()) < 5_000;
        Future<Replayed> control = controlFirst ? start(this::askControl) : null;
        Future<Replayed> asked = start(this::askCandidate);
        if (control == null) {
          control = start(this::askControl);
        }
        try {
          return result(await(asked), await(control));
        } finally {
          asked.cancel(true);
          control.cancel(true);
        }
      } catch (OverException e) {
        return skip(payload, candidate, e.reason);
      }
    }

    private ShadowResult result(Replayed asked, @Nullable Replayed control) {
      metrics.measured(asked.measurement().getOutcome());
      return Results.of(payload, asked, control, clock.instant());
    }

    private Replayed askCandidate() throws InterruptedException, OverException {
      ModelAttempt graded = null;
      int unreachable = 0;
      for (int asked = 0; ; ) {
        Replay plan = plan();
        VariantTarget target = target(plan);
        pause(lane.pace().take(System.nanoTime(), rate(plan)));
        ModelAttempt attempt;
        try {
          attempt = caller.call(target, request, plan.command().getDeadlines());
        } catch (UnreachableException e) {
          unreachable++;
          away(target, e, unreachable);
          Thread.sleep(settings.backoff().after(unreachable));
          continue;
        }
        metrics.reached(target.getName());
        unreachable = 0;
        asked++;
        graded = grade(graded, attempt);
        if (attempt.kind() == ModelAttempt.Kind.ANSWERED || asked >= settings.attempts()) {
          return new Replayed(candidate, graded.measurement(), attempt.text());
        }
        retry(attempt, asked);
      }
    }

    private Replayed askControl() throws InterruptedException, OverException {
      ModelAttempt graded = null;
      for (int asked = 1; ; asked++) {
        Replay plan = plan();
        VariantTarget target = plan.control();
        if (target == null) {
          throw new OverException(ReplayPlan.NO_SHADOW);
        }
        ModelAttempt attempt;
        try {
          attempt = caller.call(target, request, plan.command().getDeadlines());
        } catch (UnreachableException e) {
          // Control is measured, not waited for: the candidate's result does not depend on it.
          attempt = ModelAttempt.without(Outcome.CONNECT_ERROR, 0);
        }
        graded = grade(graded, attempt);
        if (attempt.kind() == ModelAttempt.Kind.ANSWERED || asked >= settings.attempts()) {
          return new Replayed(target.getName(), graded.measurement(), attempt.text());
        }
        retry(attempt, asked);
      }
    }

    /** The plan as it is now. */
    private Replay plan() throws OverException {
      return switch (ReplayPlan.of(payload, commands.get(payload.getRollout()))) {
        case Skip(String reason) -> throw new OverException(reason);
        case Replay plan -> plan;
      };
    }

    private VariantTarget target(Replay plan) throws OverException {
      for (VariantTarget target : plan.candidates()) {
        if (target.getName().equals(candidate)) {
          return target;
        }
      }
      throw new OverException(ReplayPlan.NO_SHADOW);
    }

    private double rate(Replay plan) {
      return plan.shadow().getRequestsPerSecond() * share.getAsDouble();
    }

    private void retry(ModelAttempt attempt, int asked) throws InterruptedException {
      metrics.retried(attempt.kind());
      Duration own = settings.backoff().after(asked);
      Duration longest = settings.backoff().longest();
      Duration wanted = attempt.retryAfter().compareTo(own) > 0 ? attempt.retryAfter() : own;
      Thread.sleep(wanted.compareTo(longest) > 0 ? longest : wanted);
    }

    private void away(VariantTarget target, UnreachableException e, int times) {
      metrics.unreachable(target.getName());
      if (times == 1 || times % 60 == 0) {
        LOG.atWarn()
            .addKeyValue("event", "candidate.unreachable")
            .addKeyValue("rollout", payload.getRollout())
            .addKeyValue("variant", target.getName())
            .addKeyValue("times", times)
            .addKeyValue("cause", e.getMessage())
            .log("the candidate cannot be reached; its replays wait");
      }
    }
  }

  private static ModelAttempt grade(@Nullable ModelAttempt graded, ModelAttempt attempt) {
    return graded != null && graded.kind().graded() ? graded : attempt;
  }

  private Future<Replayed> start(Callable<Replayed> side) {
    return sides.submit(side);
  }

  private static Replayed await(Future<Replayed> side) throws InterruptedException, OverException {
    try {
      return side.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case OverException over -> throw over;
        case RuntimeException wrong -> throw wrong;
        case null, default -> throw new IllegalStateException("a side of a pair failed", e);
      }
    }
  }

  private static void pause(long nanos) throws InterruptedException {
    if (nanos > 0) {
      Thread.sleep(Duration.ofNanos(nanos));
    }
  }
}
