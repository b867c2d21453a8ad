/** {@code serin shadow}: replays of the past, and how replays stand. */
@NullMarked
package io.serin.cli.shadow;

import org.jspecify.annotations.NullMarked;
