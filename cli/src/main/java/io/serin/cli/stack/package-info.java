/**
 * The embedded stack: a broker, a schema registry and Serin's services, each a process of its own,
 * started together, watched, restarted when they die and stopped in order.
 */
@NullMarked
package io.serin.cli.stack;

import org.jspecify.annotations.NullMarked;
