package io.serin.cli.rehearse;

import io.serin.cli.control.ControlClient;
import io.serin.cli.stack.Stack;
import io.serin.schemas.connect.KafkaConnection;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a rehearsal happens.
 *
 * @param stack the embedded one; null where a running installation is used
 */
record Surroundings(
    List<URI> routers, ControlClient control, KafkaConnection kafka, @Nullable Stack stack) {}
