package io.serin.schemas.topics;

import io.serin.schemas.ActionRequest;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Comparison;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.WorkerStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every topic that Serin's services meet in. The names are fixed: other tools read them. */
public final class Topics {

  public static final Topic REQUESTS =
      new Topic(
          "serin.requests",
          Topic.Key.UNIT,
          RequestEvent.SCHEMA$,
          false,
          Duration.ofDays(7),
          "One attempt of a client's request, published the moment it ends.");

  public static final Topic PROGRESS =
      new Topic(
          "serin.progress",
          Topic.Key.UNIT,
          ProgressEvent.SCHEMA$,
          false,
          Duration.ofDays(1),
          "An attempt that is still running after 1, 2, 4, 8 … seconds.");

  public static final Topic PAYLOADS =
      new Topic(
          "serin.payloads",
          Topic.Key.UNIT,
          CapturedPayload.SCHEMA$,
          false,
          Duration.ofDays(1),
          "A sampled request with what was served, redacted, for shadowing.");

  public static final Topic FEEDBACK =
      new Topic(
          "serin.feedback",
          Topic.Key.UNIT,
          FeedbackEvent.SCHEMA$,
          false,
          Duration.ofDays(30),
          "A score, thumb, label or comment for one served request.");

  public static final Topic SHADOW_RESULTS =
      new Topic(
          "serin.shadow-results",
          Topic.Key.UNIT,
          ShadowResult.SCHEMA$,
          false,
          Duration.ofDays(30),
          "The measurements of both sides of an offline pair.");

  public static final Topic SHADOW_EXAMPLES =
      new Topic(
          "serin.shadow-examples",
          Topic.Key.UNIT,
          ShadowExample.SCHEMA$,
          false,
          Duration.ofDays(1),
          "The texts of an offline pair that differs in what a user would notice, redacted.");

  public static final Topic DEAD_LETTERS =
      new Topic(
          "serin.dead-letters",
          Topic.Key.UNIT,
          DeadLetter.SCHEMA$,
          false,
          Duration.ofDays(30),
          "A captured request that no model could be asked about, where it lies, and why.");

  public static final Topic WORKERS =
      new Topic(
          "serin.workers",
          Topic.Key.WORKER,
          WorkerStatus.SCHEMA$,
          true,
          null,
          "How one worker's replays of one rollout stand: lag, cost, and what holds them up.");

  public static final Topic COMPARISONS =
      new Topic(
          "serin.comparisons",
          Topic.Key.UNIT,
          Comparison.SCHEMA$,
          false,
          Duration.ofDays(30),
          "The paired differences of one offline pair.");

  public static final Topic METRICS =
      new Topic(
          "serin.metrics",
          Topic.Key.ROLLOUT,
          VariantMetrics.SCHEMA$,
          false,
          Duration.ofDays(90),
          "One variant in one window; an upsert with an update number.");

  public static final Topic VERDICTS =
      new Topic(
          "serin.verdicts",
          Topic.Key.ROLLOUT,
          Verdict.SCHEMA$,
          false,
          Duration.ofDays(365),
          "One guard's judgement with all the evidence it used.");

  /**
   * Key on serin.actions of what is asked of all rollouts together: a freeze and its end. No
   * rollout may have this name, and no controller acts on it.
   */
  public static final String ALL_ROLLOUTS = "*";

  public static final Topic ROLLOUTS =
      new Topic(
          "serin.rollouts",
          Topic.Key.ROLLOUT,
          WantedRollout.SCHEMA$,
          true,
          null,
          "The wanted rollout: the file as applied, and by whom.");

  public static final Topic ACTIONS =
      new Topic(
          "serin.actions",
          Topic.Key.ROLLOUT,
          ActionRequest.SCHEMA$,
          false,
          null,
          "What people and routers ask for. Append-only: it is the audit.");

  public static final Topic COMMANDS =
      new Topic(
          "serin.commands",
          Topic.Key.ROLLOUT,
          Command.SCHEMA$,
          true,
          null,
          "The split that every router must serve, and all it needs to serve it.");

  public static final Topic ACKS =
      new Topic(
          "serin.acks",
          Topic.Key.ROUTER,
          RouterAck.SCHEMA$,
          true,
          null,
          "A router's heartbeat: which revision it serves, backlog, drops.");

  public static final Topic EVENTS =
      new Topic(
          "serin.events",
          Topic.Key.ROLLOUT,
          RolloutEvent.SCHEMA$,
          false,
          Duration.ofDays(365),
          "Events for people: stage entered, rolled back, flagged, promoted.");

  public static final Topic INPUTS =
      new Topic(
          "serin.inputs",
          Topic.Key.ROLLOUT,
          DecisionInput.SCHEMA$,
          false,
          Duration.ofDays(90),
          "Every input the judge and controller acted on, in order: replaying it gives every"
              + " verdict again.");

  private static final List<Topic> ALL =
      List.of(
          REQUESTS,
          PROGRESS,
          PAYLOADS,
          FEEDBACK,
          SHADOW_RESULTS,
          SHADOW_EXAMPLES,
          DEAD_LETTERS,
          WORKERS,
          COMPARISONS,
          METRICS,
          VERDICTS,
          ROLLOUTS,
          ACTIONS,
          COMMANDS,
          ACKS,
          EVENTS,
          INPUTS);

  private static final Map<String, Topic> BY_NAME =
      ALL.stream().collect(Collectors.toUnmodifiableMap(Topic::name, topic -> topic));

  private Topics() {}

  /** The topic of the catalogue that has this name. */
  public static Optional<Topic> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** The catalogue, in the order of the documentation. */
  public static List<Topic> all() {
    return ALL;
  }
}
