/** Verdicts again, from the topics alone. */
@NullMarked
package io.serin.cli.replay;

import org.jspecify.annotations.NullMarked;
