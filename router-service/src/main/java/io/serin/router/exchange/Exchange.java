package io.serin.router.exchange;

import io.serin.openai.OpenAiError;
import io.serin.router.attempt.Attempt;
import io.serin.router.attempt.AttemptListener;
import io.serin.router.attempt.AttemptReply;
import io.serin.router.http.Head;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's request from its first attempt to its last byte: an attempt at the chosen variant
 * and, if that fails before its first byte, one at control. Each attempt is recorded, the last one
 * before the last byte leaves.
 *
 * <pre>
 *             ┌──────── control's turn ◄──────┐
 *             ▼                               │
 *   start ► Calling ──variant removed──► Moving
 *            │  │ ▲                           │
 *            │  │ └─ failed: control's turn   │
 *            │  └──client left──► Leaving     │
 *            ▼                       ▼        ▼
 *          Closed ◄──────────────────┴────────┘
 * </pre>
 *
 * <p>Closed is reached exactly once, whatever throws: there the request's ticket ends. An exception
 * in the router during a candidate's attempt is a failed attempt, and control answers. During
 * control's attempt the client gets a 502. Lives on one event loop.
 */
final class Exchange implements AttemptListener {

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** Where the request stands. */
  private sealed interface State {

    /** Whose turn it is, or was last. */
    Turn turn();

    /** A variant is asked, or its answer passes. */
    record Calling(Turn turn) implements State {}

    /** The variant was removed before it answered; its attempt is being cancelled. */
    record Moving(Turn turn) implements State {}

    /** The client left; the attempt is being cancelled. */
    record Leaving(Turn turn) implements State {}

    /** The request is recorded; only its last bytes may follow. */
    record Closed(Turn turn) implements State {}
  }

  private final AskedRequest asked;
  private final ClientAnswer client;
  private final Calls calls;
  private final RequestEvidence evidence;
  private final Requests requests;
  private final Consumer<Table> adopter = this::tableChanged;
  private final @Nullable ProgressWatch progress;
  private State state;

  /**
   * A request that {@link #start} begins.
   *
   * @param evidence what it leaves, which this ends
   */
  Exchange(
      AskedRequest asked,
      Turn first,
      ClientAnswer client,
      Calls calls,
      RequestEvidence evidence,
      Requests requests) {
    this.asked = asked;
    this.client = client;
    this.calls = calls;
    this.evidence = evidence;
    this.requests = requests;
    this.state = new State.Calling(first);
    this.progress =
        evidence.tellsProgress(first.facts())
            ? calls.progress(
                asked, mark -> evidence.progress(first.facts(), mark, client.ttftNanos()))
            : null;
  }

  /** Calls the first variant. Never throws: what goes wrong ends the exchange. */
  void start() {
    try {
      requests.add(adopter);
      client.whenLeft(this::clientLeft);
      if (progress != null) {
        progress.start();
      }
      call(state.turn());
    } catch (RuntimeException e) {
      giveUp(e, AttemptReply.neverSent());
    }
  }

  /** Calls a variant. Whatever goes wrong is a failed attempt. */
  private void call(Turn turn) {
    state = new State.Calling(turn);
    Attempt attempt;
    try {
      attempt = calls.prepare(asked, turn, this);
    } catch (RuntimeException e) {
      failedInside(e);
      ended(AttemptReply.neverSent());
      return;
    }
    attempt.start();
  }

  /** An attempt that has not begun to answer leaves a variant that the newer table removed. */
  private void tableChanged(Table table) {
    if (!(state instanceof State.Calling(Turn turn))) {
      return;
    }
    Attempt attempt = turn.attempt();
    if (attempt != null && !attempt.hasFirstByte() && !keeps(table, turn)) {
      state = new State.Moving(turn);
      attempt.cancel();
    }
  }

  private boolean keeps(Table table, Turn turn) {
    return turn.facts().overridden()
        ? table.keepsForTester(asked.rollout(), turn.variant())
        : table.keeps(asked.rollout(), turn.variant());
  }

  private void clientLeft() {
    Turn turn = state.turn();
    Attempt attempt = turn.attempt();
    if (!(state instanceof State.Closed) && attempt != null) {
      state = new State.Leaving(turn);
      attempt.cancel();
    }
  }

  @Override
  public void begun(Head head) {
    client.begin(head, state.turn().facts());
  }

  @Override
  public void bytes(Buffer bytes) {
    if (state instanceof State.Closed) {
      return;
    }
    Attempt attempt = state.turn().attempt();
    if (client.write(bytes) && attempt != null) {
      attempt.pause();
      client.whenDrained(attempt::resume);
    }
  }

  @Override
  public void ended(AttemptReply reply) {
    try {
      state.turn().leave();
      switch (state) {
        case State.Calling(Turn turn) -> answered(turn, reply);
        case State.Moving(Turn turn) -> moved(turn, reply);
        case State.Leaving(Turn turn) -> {
          close(turn, reply, client.ended(Outcome.CANCELLED, reply.begun()));
          client.left();
        }
        case State.Closed _ -> {}
      }
    } catch (RuntimeException e) {
      giveUp(e, reply);
    }
  }

  private void answered(Turn turn, AttemptReply reply) {
    if (reply.begun()) {
      close(turn, reply, client.ended(reply.outcome(), true));
      client.endStream(reply);
    } else if (hasFallback(turn)
        && controlCanServe(turn)
        && evidence.wantsControl(turn.facts(), reply)) {
      fallBack(turn, reply);
    } else {
      answerWhole(turn, reply, Reply.to(asked.endpoint(), reply));
    }
  }

  private void moved(Turn turn, AttemptReply reply) {
    if (hasFallback(turn)) {
      fallBack(turn, reply);
    } else {
      answerWhole(
          turn,
          reply,
          turn.facts().overridden()
              ? Reply.of(Overrides.removed(turn.variant()), asked.endpoint())
              : Reply.to(asked.endpoint(), reply));
    }
  }

  private boolean hasFallback(Turn turn) {
    Rollout rollout = asked.rollout();
    return !turn.variant().control()
        && !turn.facts().overridden()
        && !requests.table().retired(rollout, rollout.control());
  }

  private boolean controlCanServe(Turn turn) {
    return asked.controlCanServe(turn.variant());
  }

  private void fallBack(Turn failed, AttemptReply reply) {
    stopWatching();
    Turn control = calls.fallback(asked, failed.facts());
    try {
      evidence.attempt(failed.facts().under(control.facts()), reply);
    } catch (RuntimeException e) {
      control.leave();
      throw e;
    }
    call(control);
  }

  /** Sends a whole answer. One that the client cannot be sent is a failed attempt. */
  private void answerWhole(Turn turn, AttemptReply reply, Reply answer) {
    Reply ready;
    try {
      ready =
          client.ready(
              answer.isJson()
                  ? answer.withBody(Buffer.buffer(turn.body(answer.body().getBytes())))
                  : answer,
              turn.facts());
    } catch (RuntimeException e) {
      failedInside(e);
      AttemptReply unfit = reply.unfit();
      if (hasFallback(turn) && controlCanServe(turn)) {
        fallBack(turn, unfit);
      } else {
        send(turn, unfit, client.ready(Reply.unfit(asked.endpoint()), turn.facts()));
      }
      return;
    }
    send(turn, reply, ready);
  }

  private void send(Turn turn, AttemptReply reply, Reply ready) {
    client.sendsFirstByte();
    close(turn, reply, client.ended(reply.outcome(), true));
    client.send(ready);
  }

  /** The first attempt is about to be recorded: it is running no longer. */
  private void stopWatching() {
    if (progress != null) {
      progress.stop();
    }
  }

  /** Records the request's end. */
  private void close(Turn turn, AttemptReply reply, ClientEnd end) {
    requests.remove(adopter);
    stopWatching();
    evidence.end(turn.facts(), reply, end);
    state = new State.Closed(turn);
  }

  /** The last resort: the request is recorded and the client gets a 502, or its stream ends. */
  private void giveUp(RuntimeException failure, AttemptReply reply) {
    failedInside(failure);
    try {
      Turn turn = state.turn();
      turn.leave();
      boolean silent = client.isSilent();
      if (!(state instanceof State.Closed)) {
        int status = silent ? 502 : client.status();
        close(turn, reply.unfit(), new ClientEnd(Outcome.CUT, status, client.ttftNanos()));
      }
      if (silent) {
        OpenAiError error =
            OpenAiError.server(502, "The router failed to handle the answer.", "router_error");
        client.send(client.ready(Reply.of(error, asked.endpoint()), turn.facts()));
        return;
      }
    } catch (RuntimeException e) {
      failedInside(e);
    }
    client.cut();
  }

  private void failedInside(RuntimeException failure) {
    LOG.atError()
        .setCause(failure)
        .addKeyValue("rollout", asked.rollout().name())
        .addKeyValue("variant", state.turn().variant().name())
        .addKeyValue("requestId", state.turn().facts().requestId())
        .addKeyValue("event", "request-failed-inside")
        .log("a request failed inside the router");
  }
}
