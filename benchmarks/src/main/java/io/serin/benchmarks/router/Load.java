package io.serin.benchmarks.router;

import java.time.Duration;
import java.util.Map;

/**
 * A closed loop of requests: each connection sends the next one when it has the answer.
 *
 * @param port on the loopback
 * @param path of the endpoint
 * @param headers besides content-type, host and x-user-id
 * @param connections at once
 * @param stream whether answers are streamed
 * @param warmUp not counted
 * @param time counted
 */
record Load(
    int port,
    String path,
    Map<String, String> headers,
    int connections,
    boolean stream,
    Duration warmUp,
    Duration time) {}
