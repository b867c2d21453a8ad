/**
 * What the data plane needs from outside and does not implement itself: clocks, the place where
 * evidence is left, the receiver of commands, and secrets in files.
 */
@NullMarked
package io.serin.router.ports;

import org.jspecify.annotations.NullMarked;
