package io.serin.cli.rehearse;

import io.serin.rehearsal.drive.DriverSettings;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.serin.rehearsal.report.Expectation;
import io.serin.rehearsal.traffic.Trace;
import io.serin.rehearsal.traffic.TrafficSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that was decided before a rehearsal begins.
 *
 * @param prompts what clients ask
 * @param trace whose arrivals are played; null for generated ones
 * @param speed of the trace
 * @param rate of generated arrivals, a second
 * @param deadline of one request
 * @param feedback share of good answers that get a thumb
 * @param settle how long the counts may take to come to rest
 * @param afterDecision how long the traffic goes on once the rollout is decided; null for as long
 *     as it was to last
 */
record RehearsalPlan(
    RehearsedFile rollout,
    List<ModelServers.Variant> models,
    List<ScheduledFault> faults,
    RecordedAnswers prompts,
    TrafficSettings traffic,
    @Nullable Trace trace,
    double speed,
    double rate,
    Duration deadline,
    double feedback,
    int maxInFlight,
    Duration settle,
    Expectation expectation,
    @Nullable Duration afterDecision) {

  DriverSettings driver(Surroundings where) {
    return new DriverSettings(
        where.routers(), rollout.rollout(), deadline, maxInFlight, feedback, traffic.seed());
  }

  /** The stage that a candidate's fault begins in; null where none is named. */
  @Nullable String faultStage() {
    return faults.stream()
        .filter(fault -> rollout.candidates().contains(fault.variant()))
        .map(ScheduledFault::stage)
        .filter(stage -> stage != null)
        .findFirst()
        .orElse(null);
  }
}
