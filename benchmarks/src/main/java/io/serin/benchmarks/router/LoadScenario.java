package io.serin.benchmarks.router;

/**
 * A kind of load.
 *
 * @param stream whether answers are streamed, at the stub's fixed pace
 * @param connections at once
 */
record LoadScenario(boolean stream, int connections) {

  String text() {
    return (stream ? "streams" : "whole answers") + ", " + connections + " at once";
  }
}
