package io.serin.rehearsal.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a report is made of.
 *
 * @param run of the rollout that was rehearsed
 * @param stages names of the stages of the file, in order
 * @param faults as given on the command line
 * @param faultStage the stage that the candidate's fault begins in, where one is named
 * @param faultyCandidate whether one of them concerns a candidate
 * @param candidates the variants that are not control
 * @param notSent requests that were due while too many were under way
 * @param models what each model server told
 * @param settled whether counts had come to rest when they were read
 */
public record Facts(
    String rollout,
    String run,
    Expectation expectation,
    List<String> stages,
    List<String> faults,
    @Nullable String faultStage,
    boolean faultyCandidate,
    Set<String> candidates,
    Instant trafficStart,
    Instant trafficEnd,
    List<Sent> sent,
    long notSent,
    List<Model> models,
    TopicRecords.Snapshot seen,
    List<Kill> kills,
    boolean settled) {

  /**
   * A process that was killed on purpose.
   *
   * @param answersAgain as the stack measured it; null where it does not yet
   */
  public record Kill(String process, Instant at, @Nullable Duration answersAgain) {}
}
