package io.serin.cli.stack.supervise;

import java.nio.file.Path;

/**
 * One process of a running stack, as it was when asked.
 *
 * @param name broker, registry, router, router-2 …
 * @param pid −1 while it is not running
 * @param restarts how often it was started again
 * @param log where its output goes
 */
public record StackProcess(String name, long pid, int restarts, Path log) {}
