/**
 * What the router costs, beside other proxies, in one run on one machine. Start at RouterBenchmark.
 */
@org.jspecify.annotations.NullMarked
package io.serin.benchmarks.router;
