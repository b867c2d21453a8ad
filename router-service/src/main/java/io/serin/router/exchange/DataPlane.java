package io.serin.router.exchange;

import io.serin.router.access.Access;
import io.serin.router.capture.PayloadCapture;
import io.serin.router.feedback.RequestIds;
import io.serin.router.metrics.RouterMetrics;
import io.serin.router.ports.Evidence;
import io.serin.router.ports.RouterClock;
import io.serin.router.rollout.RolloutTables;

/**
 * What all event loops of a router share. Each part is thread-safe.
 *
 * @param router the router's name, one for each process
 * @param tables the rollouts
 * @param evidence where what happened is left
 * @param ids writes and reads request ids
 * @param capture takes payloads for shadowing
 * @param metrics counts
 * @param clock time
 * @param settings bounds
 * @param access who may use the ports
 */
public record DataPlane(
    String router,
    RolloutTables tables,
    Evidence evidence,
    RequestIds ids,
    PayloadCapture capture,
    RouterMetrics metrics,
    RouterClock clock,
    ProxySettings settings,
    Access access) {}
